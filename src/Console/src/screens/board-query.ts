import { bandNames, type BandName } from "../parts/basics";

/** Columns of the board in their order; the first two always stay. */
export const columns = ["band", "customer", "name", "group", "segment", "country", "owner", "grade", "risk", "limit", "exposure", "utilisation", "available", "overdue", "days", "held", "trend", "age"] as const;
export type Column = (typeof columns)[number];

export const defaults: readonly Column[] = ["band", "customer", "name", "segment", "owner", "limit", "exposure", "utilisation", "available", "overdue", "days", "held", "trend"];

/** What the address calls a column to sort by, and what the API calls it. */
export const sorts: Record<string, string> = { util: "utilisation", exp: "gross", limit: "limit", over: "over", overdue: "overdue", days: "days", held: "held", avail: "available", grade: "grade", customer: "customer" };

export const sortOf: Partial<Record<Column, string>> = { utilisation: "util", exposure: "exp", limit: "limit", available: "avail", overdue: "overdue", days: "days", held: "held", grade: "grade", customer: "customer" };

export interface BoardChoice {
  bands: BandName[];
  segments: string[];
  groups: string[];
  grades: string[];
  owner: string;
  overdue: string;
  held: boolean;
  unapplied: boolean;
  rising: boolean;
  search: string;
  sort: string;
  descending: boolean;
  size: number;
  page: number;
  columns: Column[];
  selected: string[];
  aside: "" | "movers" | "concentration";
}

const list = (told: string | null) => (told ? told.split(",").filter(Boolean) : []);

/** What the address chooses; whatever it does not say has its default. */
export function choiceOf(query: URLSearchParams): BoardChoice {
  const sort = query.get("sort") ?? "-util";
  const bare = sort.replace(/^-/, "");
  const size = Number(query.get("size"));
  const told = list(query.get("cols")).filter((c): c is Column => (columns as readonly string[]).includes(c));
  return {
    bands: list(query.get("band")).filter((b): b is BandName => (bandNames as readonly string[]).includes(b)),
    segments: list(query.get("seg")), groups: list(query.get("group")), grades: list(query.get("grade")), owner: query.get("owner") ?? "", overdue: query.get("overdue") ?? "", held: query.get("held") === "1", unapplied: query.get("unapplied") === "1", rising: query.get("rising") === "1", search: query.get("q") ?? "",
    sort: bare in sorts ? bare : "util", descending: sort.startsWith("-"), size: [50, 100, 200].includes(size) ? size : 50, page: Math.max(1, Number(query.get("page")) || 1),
    columns: told.length > 0 ? columns.filter((c) => told.includes(c) || c === "band" || c === "customer") : [...defaults], selected: list(query.get("sel")),
    aside: query.get("aside") === "movers" || query.get("aside") === "concentration" ? (query.get("aside") as "movers" | "concentration") : "",
  };
}

/** What steps back while something stands beside the list and the window has no room for both. */
export const steppingBack: ReadonlySet<Column> = new Set(["group", "segment", "country", "owner", "grade", "risk", "limit", "days", "trend", "age"]);

/** The same for the API. */
export function apiQuery(choice: BoardChoice, order = true): URLSearchParams {
  const query = new URLSearchParams();
  if (choice.bands.length > 0) query.set("band", choice.bands.join(","));
  if (choice.segments.length > 0) query.set("segment", choice.segments.join(","));
  if (choice.groups.length > 0) query.set("group", choice.groups.join(","));
  if (choice.grades.length > 0) query.set("grade", choice.grades.join(","));
  if (choice.owner) query.set("controller", choice.owner);
  if (choice.overdue) query.set("overdueDays", choice.overdue);
  if (choice.held) query.set("held", "true");
  if (choice.unapplied) query.set("unapplied", "true");
  if (choice.rising) query.set("rising", "true");
  if (choice.search) query.set("search", choice.search);
  if (order) {
    query.set("sort", sorts[choice.sort]!);
    query.set("order", choice.descending ? "desc" : "asc");
  }
  return query;
}

/** The name of a live view with its filter; everything inside is escaped once, so that commas separate views alone. */
export function viewName(kind: string, query: URLSearchParams): string {
  const text = query.toString();
  return text ? kind + ":" + encodeURIComponent(text) : kind;
}
