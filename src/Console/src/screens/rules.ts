import type { Words } from "../words/en";

/** Steps of the check have names in answers and numbers in records. */
const steps: Record<string, string> = { StaticLimit: "010", MaxDocument: "020", DynamicLimit: "030", DunningLevel: "100", OldestOpenItem: "110", OverdueShare: "OV", PaymentIndex: "120" };

/** A rule as a sentence. */
export function ruleText(words: Words, rule: string): string {
  const known = words.rules as Record<string, string>;
  return known[steps[rule] ?? rule] ?? known["other"]!;
}
