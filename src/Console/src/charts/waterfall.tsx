import { useState } from "react";
import { useShared } from "../context";
import { ratio, sum } from "../format";
import { Amount } from "../parts/basics";
import { parts, type Figures, type Part } from "../screens/figures";

interface Step {
  part: Part | "gross" | "limit";
  amount: string;
  from: number;
  to: number;
}

/** Parts that have their row when they are nothing, too: the first invoice or payment of a customer pushes no row aside. */
const always: ReadonlySet<Part> = new Set(["receivables", "delivered", "openOrders", "reserved", "unapplied"]);

/**
 * How the exposure is made: every component stands where the one before ended, money that is not applied leads back, and the limit is a
 * line through all of them. Rows and not columns: words have room, and a screen reader reads it as the table that it is.
 */
export function Waterfall({ figures, small = false, onOpen, open }: { figures: Figures; small?: boolean; onOpen?: (part: Part) => void; open?: Part | null }) {
  const { words } = useShared();
  const [table, setTable] = useState(false);
  const currency = figures.currency ?? "";
  const told = (part: Part) => figures.components[part] ?? "0";
  const shown = parts.filter((part) => told(part) !== "0" || always.has(part));
  const gross = figures.gross ?? "0";
  const limit = figures.limitKind === "Amount" ? (figures.limit ?? "0") : null;
  const up = sum(parts.filter((p) => p !== "unapplied").map(told));
  const top = [up, gross, limit ?? "0"].reduce((a, b) => (BigInt(a) > BigInt(b) ? a : b), "1");
  let at = 0;
  const steps: Step[] = shown.map((part) => {
    const length = ratio(told(part), top) * 100;
    const [from, to] = part === "unapplied" ? [at - length, at] : [at, at + length];
    at = part === "unapplied" ? from : to;
    return { part, amount: told(part), from, to };
  });
  steps.push({ part: "gross", amount: gross, from: 0, to: ratio(gross, top) * 100 });
  const net = figures.netRisk ?? gross;
  const overdueShare = ratio(figures.overdue ?? "0", top) * 100;
  const limitAt = limit === null ? null : ratio(limit, top) * 100;
  return (
    <figure className={small ? "waterfall small" : "waterfall"} data-testid="waterfall">
      <table>
        <caption className="hidden">{words.customer.waterfall}</caption>
        <tbody>
          {steps.map((step) => {
            const name = step.part === "gross" ? words.board.exposureTile : words.customer.components[step.part as Part];
            const canOpen = onOpen && step.part !== "gross" && step.amount !== "0";
            return (
              <tr key={step.part} className={step.part === "gross" ? "total" : open === step.part ? "open" : undefined} data-part={step.part}>
                <th scope="row">
                  {canOpen ? (
                    <button type="button" className="link" aria-expanded={open === step.part} onClick={() => onOpen(step.part as Part)} data-testid={"bar-" + step.part}>{name}</button>
                  ) : name}
                </th>
                {!table && (
                  <td className="bar-cell">
                    <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                      <rect className={`wf wf-${step.part}`} x={Math.max(0, step.from)} y="0" width={Math.max(step.amount === "0" ? 0 : 0.4, step.to - Math.max(0, step.from))} height="10" />
                      {step.part === "receivables" && overdueShare > 0 && <rect className="wf-overdue" x={step.from} y="0" width={overdueShare} height="10" />}
                      {limitAt !== null && <rect className="wf-limit" x={Math.min(99.6, limitAt)} y="-2" width="0.5" height="14" />}
                    </svg>
                  </td>
                )}
                <td className="num">
                  {step.part === "unapplied" && step.amount !== "0" && <span aria-hidden="true">− </span>}
                  <Amount minor={step.amount} currency={currency} testid={"part-" + step.part} />
                </td>
              </tr>
            );
          })}
          {!small && beside("cover", words.customer.cover, (BigInt(gross) - BigInt(net)).toString(), ratio(net, top) * 100, ratio(gross, top) * 100)}
          {!small && beside("net", words.customer.netRisk, net, 0, ratio(net, top) * 100)}
          {limit !== null && (
            <tr className="limit-row" data-part="limit">
              <th scope="row">{words.customer.limit}</th>
              {!table && <td className="bar-cell"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect className="wf-limit" x={Math.min(99.6, limitAt!)} y="-2" width="0.5" height="14" /></svg></td>}
              <td className="num"><Amount minor={limit} currency={currency} /></td>
            </tr>
          )}
          {limit !== null && (
            <tr className={figures.breached ? "excess" : "headroom"}>
              <th scope="row">{figures.breached ? words.customer.excess : words.customer.headroom}</th>
              {!table && <td className="bar-cell" />}
              <td className="num"><Amount minor={(figures.available ?? "0").replace(/^-/, "")} currency={currency} testid="headroom" /></td>
            </tr>
          )}
        </tbody>
      </table>
      {!small && <button type="button" className="link" onClick={() => setTable(!table)}>{table ? words.common.chart : words.common.figures}</button>}
    </figure>
  );

  /** What takes the exposure down to what would be lost; it stands beside the sum, and is no part of it. */
  function beside(part: "cover" | "net", name: string, amount: string, from: number, to: number) {
    return (
      <tr data-part={part}>
        <th scope="row">{name}</th>
        {!table && <td className="bar-cell"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect className={"wf wf-" + part} x={from} y="0" width={Math.max(0, to - from)} height="10" /></svg></td>}
        <td className="num">{part === "cover" && amount !== "0" && <span aria-hidden="true">− </span>}<Amount minor={amount} currency={currency} testid={"beside-" + part} /></td>
      </tr>
    );
  }
}
