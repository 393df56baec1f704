import { decimal } from "../format";

/** Minor units of what somebody typed, or null: groups may stand, and no more digits than the currency has. */
export function minorOf(text: string, currency: string): string | null {
  const digits = decimal("0", currency).split(".")[1]?.length ?? 0;
  const bare = text.replace(/[\s,'’]/g, "");
  const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(bare);
  if (!match || (match[2]?.length ?? 0) > digits) return null;
  return BigInt(match[1]! + (match[2] ?? "").padEnd(digits, "0")).toString();
}

/** Focuses what has just appeared, as a ref: the attribute `autofocus` does so only while a page is loaded. */
export const focus = (element: HTMLElement | null): void => element?.focus();

/** What is selected once somebody asks for all from the last one that was picked to another one, in the order that is shown; at most as many as one word about many takes. */
export function rangeTo(shown: readonly string[], selected: readonly string[], from: string | null, to: string, most: number): string[] {
  const [a, b] = [from === null ? -1 : shown.indexOf(from), shown.indexOf(to)];
  const between = a < 0 ? [to] : shown.slice(Math.min(a, b), Math.max(a, b) + 1);
  return [...new Set([...selected, ...between])].slice(0, most);
}
