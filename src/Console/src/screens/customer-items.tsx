import type { Documents, Promises } from "../contract";
import { useShared } from "../context";
import { amount, day, sum } from "../format";
import { Amount, Export, Link, useGet } from "../parts/basics";
import { Table } from "../parts/table";
import type { Figures, Part } from "./figures";

/** All open items, and beside them what is not applied. */
export function CustomerItems({ documents }: { documents: Documents }) {
  const { words } = useShared();
  return (
    <>
      <p className="row"><span className="spring" /><Export of={`customers/${documents.customer}/documents`} /></p>
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
  // One that names no item stands for any of them, the oldest first, and so for none in particular.
  const promises = (useGet<Promises>(`/customers/${documents.customer}/promises`).data?.promises ?? []).filter((p) => p.state === "Open" || p.state === "Broken");
  const promised = (item: string | null) => promises.filter((p) => p.items.includes(item ?? "")).sort((a, b) => ((a.promisedOn ?? "") < (b.promisedOn ?? "") ? -1 : 1)).at(-1);
  return (
    <Table
      rows={documents.items} caption={words.customer.tabs.items} keyOf={(i) => i.itemId ?? ""} testid="items" rowTestid="item"
      columns={[
        { head: words.customer.item, of: (i) => <DocumentLink customer={documents.customer ?? ""} document={i.itemId ?? ""} /> },
        { head: words.customer.issued, of: (i) => day(i.issuedOn, lang) },
        { head: words.customer.due, of: (i) => day(i.dueOn, lang) },
        { head: words.common.currency, of: (i) => i.currency },
        { head: words.customer.original, figure: true, of: (i) => <Amount minor={i.amount} currency={i.currency ?? ""} /> },
        { head: words.customer.openAmount, figure: true, of: (i) => <Amount minor={i.open} currency={i.currency ?? ""} testid="open" /> },
        { head: words.customer.pastDue, figure: true, of: (i) => ((i.daysPastDue ?? 0) > 0 ? <strong>{i.daysPastDue}</strong> : <span className="muted">–</span>) },
        { head: words.customer.disputed, figure: true, of: (i) => (i.disputed === "0" ? <span className="muted">–</span> : <Amount minor={i.disputed} currency={i.currency ?? ""} />) },
        { head: words.customer.promised, of: (i) => { const p = promised(i.itemId); return p ? <span data-testid="promise" data-state={p.state}>{day(p.promisedOn, lang)}{p.state === "Broken" && ` · ${words.customer.broken}`}</span> : <span className="muted">–</span>; } },
      ]}
    />
  );
}

function CreditTable({ documents }: { documents: Documents }) {
  const { words } = useShared();
  return (
    <Table
      rows={documents.credits} caption={words.customer.components.unapplied} keyOf={(c) => c.id ?? ""}
      columns={[
        { head: words.customer.item, of: (c) => <DocumentLink customer={documents.customer ?? ""} document={c.id ?? ""} /> },
        { head: words.common.kind, of: (c) => words.customer.creditKinds[c.kind as keyof typeof words.customer.creditKinds] ?? c.kind },
        { head: words.common.currency, of: (c) => c.currency },
        { head: words.customer.original, figure: true, of: (c) => <Amount minor={c.amount} currency={c.currency ?? ""} /> },
        { head: words.customer.openAmount, figure: true, of: (c) => <Amount minor={c.unallocated} currency={c.currency ?? ""} testid="open" /> },
      ]}
    />
  );
}

/** A document leads to the events that made it. */
export function DocumentLink({ customer, document }: { customer: string; document: string }) {
  return <Link to={"/customers/" + customer} query={{ tab: "events", document }} testid="document">{document}</Link>;
}

/** The items behind a bar; their sum equals the bar, to the minor unit, or it says that it does not. */
export function PartItems({ id, part, figures, documents }: { id: string; part: Part; figures: Figures; documents: Documents }) {
  const { words, lang } = useShared();
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
      {/* Other currencies are no part of the sum; and of some parts the books keep no documents. */}
      {total !== bar && <p className="muted" data-testid="sum-note">{words.customer.sumNote(`${currency} ${amount(bar, currency, lang)}`, `${currency} ${amount(total, currency, lang)}`)}</p>}
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
