import { useShared } from "../context";
import { ratio, sum } from "../format";
import { Amount } from "../parts/basics";
import type { Figures } from "../screens/figures";

const buckets = ["notDue", "days1To30", "days31To60", "days61To90", "days91To180", "daysAbove180"] as const;

/** Receivables by days past due; the older, the darker, and the words say it without colour. */
export function Ageing({ figures }: { figures: Figures }) {
  const { words } = useShared();
  const currency = figures.currency ?? "";
  const amounts = buckets.map((b) => figures.ageing[b] ?? "0");
  const all = sum(amounts);
  let at = 0;
  return (
    <figure className="ageing" data-testid="ageing">
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" className="ageing-bar">
        {amounts.map((amount, i) => {
          const width = Math.max(0, ratio(amount, all) * 100);
          const x = at;
          at += width;
          return <rect key={buckets[i]} className={"age age-" + i} x={x} y="0" width={width} height="10" />;
        })}
      </svg>
      <table>
        <caption className="hidden">{words.customer.ageing}</caption>
        <tbody>
          {amounts.map((amount, i) => (
            <tr key={buckets[i]} data-bucket={buckets[i]}>
              <th scope="row"><span className={"swatch age-" + i} aria-hidden="true" />{words.customer.buckets[i]}</th>
              <td className="num"><Amount minor={amount} currency={currency} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted note">{words.customer.creditsApart}</p>
    </figure>
  );
}
