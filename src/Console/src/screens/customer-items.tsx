import type { Documents } from "../contract";
import { useShared } from "../context";
import { day, sum } from "../format";
import { Amount, Link } from "../parts/basics";
import type { Figures, Part } from "./figures";

/** All open items, and beside them what is not applied. */
export function CustomerItems({ documents }: { documents: Documents }) {
  const { words } = useShared();
  return (
    <>
      {documents.items.length === 0 ? <p className="empty">{words.customer.noItems}</p> : <ItemTable documents={documents} />}
      {documents.credits.length > 0 && (
        <>
          <h2>{words.customer.components.unapplied}</h2>
          <CreditTable documents={documents} />
        </>
      )}
    </>
  );
}

function ItemTable({ documents }: { documents: Documents }) {
  const { words, lang } = useShared();
  return (
    <div className="scroll">
      <table className="grid" data-testid="items">
        <caption className="hidden">{words.customer.tabs.items}</caption>
        <thead>
          <tr>
            <th scope="col">{words.customer.item}</th>
            <th scope="col">{words.customer.issued}</th>
            <th scope="col">{words.customer.due}</th>
            <th scope="col">{words.common.currency}</th>
            <th scope="col" className="num">{words.customer.original}</th>
            <th scope="col" className="num">{words.customer.openAmount}</th>
            <th scope="col" className="num">{words.customer.pastDue}</th>
            <th scope="col" className="num">{words.customer.disputed}</th>
          </tr>
        </thead>
        <tbody>
          {documents.items.map((i) => (
            <tr key={i.itemId} data-id={i.itemId} data-testid="item">
              <td><DocumentLink customer={documents.customer ?? ""} document={i.itemId ?? ""} /></td>
              <td>{day(i.issuedOn, lang)}</td>
              <td>{day(i.dueOn, lang)}</td>
              <td>{i.currency}</td>
              <td className="num"><Amount minor={i.amount} currency={i.currency ?? ""} /></td>
              <td className="num"><Amount minor={i.open} currency={i.currency ?? ""} testid="open" /></td>
              <td className="num">{(i.daysPastDue ?? 0) > 0 ? <strong className="fig">{i.daysPastDue}</strong> : <span className="muted">–</span>}</td>
              <td className="num">{i.disputed === "0" ? <span className="muted">–</span> : <Amount minor={i.disputed} currency={i.currency ?? ""} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CreditTable({ documents }: { documents: Documents }) {
  const { words } = useShared();
  return (
    <div className="scroll">
      <table className="grid">
        <caption className="hidden">{words.customer.components.unapplied}</caption>
        <thead>
          <tr>
            <th scope="col">{words.customer.item}</th>
            <th scope="col">{words.common.kind}</th>
            <th scope="col">{words.common.currency}</th>
            <th scope="col" className="num">{words.customer.original}</th>
            <th scope="col" className="num">{words.customer.openAmount}</th>
          </tr>
        </thead>
        <tbody>
          {documents.credits.map((c) => (
            <tr key={c.id} data-id={c.id}>
              <td><DocumentLink customer={documents.customer ?? ""} document={c.id ?? ""} /></td>
              <td>{c.kind}</td>
              <td>{c.currency}</td>
              <td className="num"><Amount minor={c.amount} currency={c.currency ?? ""} /></td>
              <td className="num"><Amount minor={c.unallocated} currency={c.currency ?? ""} testid="open" /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A document leads to the events that made it. */
export function DocumentLink({ customer, document }: { customer: string; document: string }) {
  return <Link to={"/customers/" + customer} query={{ tab: "events", document }} testid="document">{document}</Link>;
}

/** The items behind a bar; their sum equals the bar, to the minor unit, or it says that it does not. */
export function PartItems({ id, part, figures, documents }: { id: string; part: Part; figures: Figures; documents: Documents }) {
  const { words } = useShared();
  const lines = linesOf(part, documents);
  const bar = figures.components[part] ?? "0";
  const currency = figures.currency ?? "";
  const same = lines.filter((l) => l.currency === currency);
  const total = sum(same.map((l) => l.amount));
  const mixed = same.length !== lines.length;
  return (
    <div className="part" data-testid="part-items" data-part={part} data-bar={bar} data-sum={total}>
      <table className="grid">
        <caption className="hidden">{words.customer.components[part]}</caption>
        <tbody>
          {lines.map((l) => (
            <tr key={l.id} data-id={l.id} data-testid="part-item">
              <td>{l.isOrder ? <Link to={"/customers/" + id} query={{ tab: "events", document: l.id }} testid="document">{l.id}</Link> : <DocumentLink customer={id} document={l.id} />}</td>
              <td className="num"><Amount minor={l.amount} currency={l.currency} code={mixed} testid="part-amount" /></td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr className="total">
            <th scope="row">{words.board.totals}</th>
            <td className="num"><Amount minor={total} currency={currency} code={mixed} /></td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

interface Line {
  id: string;
  amount: string;
  currency: string;
  isOrder?: boolean;
}

function linesOf(part: Part, d: Documents): Line[] {
  const told = (list: { id: string | null; amount: string | null; currency: string | null; isOrder?: boolean }[]): Line[] =>
    list.filter((l) => l.amount !== "0").map((l) => ({ id: l.id ?? "", amount: l.amount ?? "0", currency: l.currency ?? "", isOrder: l.isOrder }));
  switch (part) {
    case "receivables": return told(d.items.map((i) => ({ id: i.itemId, amount: i.open, currency: i.currency })));
    case "openOrders": return told(d.orders.filter((o) => o.state === "Accepted").map((o) => ({ id: o.orderId, amount: o.undelivered, currency: o.currency, isOrder: true })));
    case "delivered": return told(d.orders.map((o) => ({ id: o.orderId, amount: o.deliveredNotInvoiced, currency: o.currency, isOrder: true })));
    case "reserved": return told(d.reservations.map((r) => ({ id: r.reservationId, amount: r.amount, currency: r.currency })));
    case "unapplied": return told(d.credits.filter((c) => c.cleared || c.kind === "CreditNote").map((c) => ({ id: c.id, amount: c.unallocated, currency: c.currency })));
    case "paymentsAtRisk": return told(d.credits.filter((c) => !c.cleared && c.kind !== "CreditNote").map((c) => ({ id: c.id, amount: c.amount, currency: c.currency })));
    default: return [];
  }
}
