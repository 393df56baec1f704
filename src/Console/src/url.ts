import { useSyncExternalStore } from "react";

/** The address is the view: everything that a reader chose stands in it, so that Back, reload and a pasted link restore it. */
export interface Place {
  path: string;
  query: URLSearchParams;
}

const changed = new Set<() => void>();
let place = read();

function read(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

function tell() {
  place = read();
  changed.forEach((listener) => listener());
}

addEventListener("popstate", tell);

export function usePlace(): Place {
  return useSyncExternalStore(
    (listener) => {
      changed.add(listener);
      return () => changed.delete(listener);
    },
    () => place,
  );
}

export function here(): Place {
  return place;
}

/** What a link keeps of the present address when it leads elsewhere: how it is shown, never what. */
const kept = ["lang", "d", "theme"];

/** The address of another place. */
export function addressOf(path: string, query: Record<string, string | undefined> = {}): string {
  const [bare, told] = path.split("?");
  const next = new URLSearchParams(told);
  for (const name of kept) if (place.query.has(name) && !next.has(name)) next.set(name, place.query.get(name)!);
  for (const [name, value] of Object.entries(query)) if (value) next.set(name, value);
  return bare + text(next);
}

/** Goes to another place; one step of Back. */
export function go(address: string, replace = false) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  tell();
  if (!replace) scrollTo(0, 0);
}

/** Changes what is chosen on this page. A value of "" or null leaves the default, which no address names; keys that are unknown stay. */
export function choose(changes: Record<string, string | null | undefined>, replace = false) {
  const next = new URLSearchParams(place.query);
  for (const [name, value] of Object.entries(changes))
    if (value) next.set(name, value);
    else next.delete(name);
  const address = place.path + text(next);
  if (address === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  tell();
}

/** Commas stay readable. */
function text(query: URLSearchParams): string {
  const told = query.toString().replace(/%2C/g, ",").replace(/%3A/g, ":");
  return told ? "?" + told : "";
}
