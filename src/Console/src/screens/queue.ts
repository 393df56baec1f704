import { useMemo } from "react";
import type { Hold } from "../contract";
import { useShared } from "../context";
import { useView } from "../live/hooks";
import type { BandName } from "../parts/basics";

/** A held order with the customer's figures then and now. */
type Told<T> = { [K in keyof T]: NonNullable<T[K]> extends (infer Item)[] ? { [F in keyof Item]: NonNullable<Item[F]> }[] : NonNullable<T[K]> };

export interface QueueRow extends Told<Hold> {
  id: string;
  name?: string;
  segment: string;
  band: BandName;
  shipOn?: string;
  now: { currency: string; gross: string; limit: string | null; available: string | null; overdue: string; oldestDays: number };
  then: { currency: string; gross: string; limit: string | null; afterThis: string } | null;
  takenBy?: string;
  assignedTo?: string;
}

/** The rules that hold an order now. */
export const rulesOf = (row: QueueRow) => row.reasons.filter((r) => r.stillValid).map((r) => r.rule);

/** What is said of the whole queue under the rights of the reader, whichever rows are shown. */
interface Whole {
  total: number;
  decide: number;
  /** Those that the page asks for, of which it shows some. */
  matching: number;
  page: number;
  oldest?: string;
  /** How many each person proposes to release. */
  proposed: Record<string, number>;
  rules: string[];
}

/** Rows of a page: as many as one word takes. */
export const pageSize = 200;

/** A page of the queue, or one order of it. */
export function useHeld(asked: { state?: string; rule?: string | null; customer?: string | null; hold?: string; page?: string | null }) {
  const told = Object.entries({ ...asked, top: String(pageSize) }).filter((one): one is [string, string] => Boolean(one[1]));
  const view = useView<QueueRow>(useReads() ? "holds:" + encodeURIComponent(String(new URLSearchParams(told))) : null);
  return useMemo(() => ({ view, rows: view ? view.order.map((id) => view.rows.get(id)).filter((row): row is QueueRow => row !== undefined) : [], whole: view?.whole as Whole | undefined }), [view]);
}

/** How many orders are held, and how many of them wait for whom: of all, however few are on a page. */
export function useQueue() {
  const { me } = useShared();
  const whole = useView(useReads() ? "holds:count" : null)?.whole as Whole | undefined;
  return { total: whole?.total ?? 0, oldest: whole?.oldest, waiting: whole?.decide ?? 0, confirm: whole ? whole.total - whole.decide - (whole.proposed[me.user ?? ""] ?? 0) : 0 };
}

const useReads = () => useShared().may("Viewer", "Analyst", "Approver", "PolicyOwner", "PolicyApprover", "Auditor");
