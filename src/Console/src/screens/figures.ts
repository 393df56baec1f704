import type { Customer, PastFigures } from "../contract";
import type { BoardWords } from "../context";
import type { BandName } from "../parts/basics";

export type Figures = Omit<PastFigures, "asOfDay">;

/** The band of figures, by where the policy lets bands begin. */
export function bandOf(f: Pick<Customer, "limitKind" | "breached" | "utilisationBp">, words: BoardWords | null): BandName {
  if (f.limitKind === "NotSet") return "none";
  if (f.limitKind !== "Amount") return "within";
  const used = f.utilisationBp ?? 0;
  if (f.breached) return words && words.breachBp > 0 && used >= words.breachBp ? "breach" : "over";
  if (words && words.criticalBp > 0 && used >= words.criticalBp) return "critical";
  return words && words.watchBp > 0 && used >= words.watchBp ? "watch" : "within";
}

/** Components in the order of the waterfall; the last one is taken away. */
export const parts = ["receivables", "acceptances", "billed", "delivered", "openOrders", "reserved", "paymentsAtRisk", "external", "unapplied"] as const;
export type Part = (typeof parts)[number];
