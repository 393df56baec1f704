import { useShared } from "../context";
import { share, type Lang } from "../format";
import type { Words } from "../words/en";

/** A severity as a word and a shape. */
export function Severity({ name }: { name: string }) {
  const { words } = useShared();
  const level = ["Info", "Low", "Medium", "High", "Critical"].indexOf(name) + 1;
  return (
    <span className={"severity severity-" + level}>
      <svg viewBox="0 0 20 12" width="20" height="12" aria-hidden="true">{[1, 2, 3, 4, 5].map((n) => <rect key={n} x={(n - 1) * 4} y={12 - n * 2.4} width="3" height={n * 2.4} className={n <= level ? "on" : "off"} />)}</svg>
      {words.alerts.severities[name as keyof typeof words.alerts.severities] ?? name}
    </span>
  );
}

/** The value of a signal, and which way it went since it was raised the time before: an arrow says it, and not a colour. */
export function SignalValue({ indicator, value, was }: { indicator: string; value?: string | null; was?: string | null }) {
  const { words, lang } = useShared();
  const [now, then] = [signalValue(words, lang, indicator, value), signalValue(words, lang, indicator, was)];
  return <>{now}{value && was && value !== was && then !== "–" && <span className="muted nowrap" data-testid="signal-trend" data-value={Number(value) - Number(was)}> {Number(value) > Number(was) ? "▲" : "▼"} {words.alerts.from(then)}</span>}</>;
}

const shares = /^EW-(01|06|09|19|26|27|40|41)$/;
const days = /^(EW-(05|10|11|17|18|24|25|36)|CN-0[12])$/;

/** A value or threshold of a signal: shares come in basis points, days as days; the others are counts, levels, or true and false. */
export function signalValue(words: Words, lang: Lang, indicator: string, value: string | null | undefined): string {
  if (!value) return "–";
  return shares.test(indicator) ? share(Math.min(99_990_001, Number(value)), lang) : days.test(indicator) ? words.customer.late(Number(value)) : "–";
}
