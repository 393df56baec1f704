import { useState } from "react";
import type { Entry, EntryEffect } from "../contract";
import { outcomeWord } from "../words/en";
import { useShared } from "../context";
import { moment } from "../format";
import { Amount, Failed, Link, Missing, useGet } from "../parts/basics";
import { Table } from "../parts/table";
import { nameOf } from "./customer-events";

/** The end of every question about a figure: the event that made it, and where it stood. */
export function EventPage({ customer, entry }: { customer: string; entry: string }) {
  const { words, lang, zone } = useShared();
  const { data, problem } = useGet<Entry>(`/customers/${encodeURIComponent(customer)}/history/${encodeURIComponent(entry)}`);
  if (problem?.status === 404 || problem?.status === 400) return <Missing />;
  if (problem) return <Failed problem={problem} />;
  if (!data) return <p className="muted" aria-busy="true">{words.common.loading}</p>;
  const event = data.event as { id?: string; source?: string; type?: string; time?: string; data?: unknown };
  const facts: [string, string, string][] = [
    ["outcome", words.customer.outcome, [outcomeWord(words, data.outcome), data.reason].filter(Boolean).join(" · ")], ["stream", words.customer.stream, data.stream ?? words.customer.viaHttp], ["offset", words.customer.offset, data.offset === undefined ? "–" : String(data.offset)],
    ["id", words.customer.eventId, event.id ?? "–"], ["source", words.customer.origin, event.source ?? "–"], ["time", words.common.time, moment(event.time, lang, zone)], ["arrival", words.customer.arrived, moment(data.arrival, lang, zone)], ["entry", words.customer.entry, data.entry ?? "–"],
  ];
  return (
    <article data-testid="event-page">
      <p><Link to={"/customers/" + customer} query={{ tab: "events" }}>← {customer}</Link></p>
      <h1>{nameOf(event.type ?? "")}</h1>
      <dl className="facts">
        {facts.map(([name, label, value]) => (
          <div className="fact" key={name}>
            <dt>{label}</dt>
            <dd className="fig" data-testid={"event-" + name}>{value}</dd>
          </div>
        ))}
      </dl>
      <section className="card">
        <h2>{words.customer.data}</h2>
        <pre tabIndex={0}>{JSON.stringify(event.data, null, 2)}</pre>
      </section>
      <Moved customer={customer} entry={entry} />
    </article>
  );
}

const moved = ["receivables", "acceptances", "billed", "delivered", "openOrders", "ordersBeyondHorizon", "reserved", "held", "paymentsAtRisk", "external", "unapplied"] as const;

/** What the event moved, component by component; the journal is read for it, so that somebody has to want it. */
function Moved({ customer, entry }: { customer: string; entry: string }) {
  const { words } = useShared();
  const [isOpen, setOpen] = useState(false);
  const { data, problem } = useGet<EntryEffect>(isOpen ? `/customers/${encodeURIComponent(customer)}/history/${encodeURIComponent(entry)}/effect` : null);
  const before = data?.before as EntryEffect["before"] | null | undefined;
  const rows = data ? [
    ...moved.map((name): [string, string, string] => [words.customer.components[name], before?.components[name] ?? "0", data.after.components[name] ?? "0"]),
    [words.board.exposureTile, before?.gross ?? "0", data.after.gross ?? "0"] as [string, string, string], [words.customer.limit, before?.limit ?? "0", data.after.limit ?? "0"] as [string, string, string],
  ].filter(([, was, is]) => was !== is) : [];
  const currency = data?.after.currency ?? "";
  return (
    <details className="card" onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="moved">
      <summary>{words.customer.effect}</summary>
      {problem && <Failed problem={problem} />}
      {isOpen && !data && !problem && <p className="muted" aria-busy="true">{words.common.loading}</p>}
      {data && rows.length === 0 && <p className="muted">{words.common.none}</p>}
      {rows.length > 0 && (
        <Table
          rows={rows} caption={words.customer.effect} keyOf={([name]) => name} rowTestid="moved-row"
          columns={[
            { head: "", of: ([name]) => name },
            { head: words.limits.before, figure: true, of: ([, was]) => <Amount minor={was} currency={currency} /> },
            { head: words.limits.after, figure: true, of: ([, , is]) => <Amount minor={is} currency={currency} code /> },
            { head: words.aside.change, figure: true, of: ([, was, is]) => <>{BigInt(is) > BigInt(was) ? "+" : ""}<Amount minor={(BigInt(is) - BigInt(was)).toString()} currency={currency} testid="moved-by" /></> },
          ]}
        />
      )}
    </details>
  );
}
