import type { Entry } from "../contract";
import { outcomeWord } from "../words/en";
import { useShared } from "../context";
import { moment } from "../format";
import { Failed, Link, Missing, useGet } from "../parts/basics";
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
    </article>
  );
}
