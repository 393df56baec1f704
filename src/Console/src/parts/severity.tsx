import { useShared } from "../context";

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
