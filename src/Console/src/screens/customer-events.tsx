import { useEffect, useState } from "react";
import { get } from "../api";
import type { History, HistoryEntry } from "../contract";
import { outcomeWord } from "../words/en";
import { useShared } from "../context";
import { moment } from "../format";
import { Export, Failed, Link, useGet } from "../parts/basics";
import { choose, usePlace } from "../url";

/** What arrived, what became of it, and where it came from. */
export function CustomerEvents({ id, seq }: { id: string; seq: number | null | undefined }) {
  const { words, lang, zone } = useShared();
  const { query } = usePlace();
  const document = query.get("document");
  const first = useGet<History>(`/customers/${id}/history?limit=100`);
  const [more, setMore] = useState<{ entries: HistoryEntry[]; cursor: string | null } | null>(null);
  const [held, hold] = useState<History | null>(null);
  useEffect(() => first.reload(), [seq]);
  // What comes while somebody reads waits above the list: it would push every line down.
  useEffect(() => {
    if (first.data && (held === null || held.entries.length === 0)) hold(first.data);
  }, [first.data]);
  if (first.problem) return <Failed problem={first.problem} />;
  if (!first.data) return <p className="muted" aria-busy="true">{words.common.loading}</p>;
  const from = held ?? first.data;
  const known = first.data.entries.findIndex((e) => e.entry === from.entries[0]?.entry);
  const newer = known < 0 ? (from.entries.length > 0 ? first.data.entries.length : 0) : known;
  const all = [...from.entries, ...(more?.entries ?? [])];
  const entries = document ? all.filter((e) => e.document === document || e.document?.split(/[ ,]/).includes(document)) : all;
  const cursor = more ? more.cursor : from.cursor;
  return (
    <>
      <p className="row">
        {document && <button type="button" className="chip" onClick={() => choose({ document: null })}>{document} ×<span className="hidden"> {words.common.remove}</span></button>}
        <span className="spring" />
        <Export of={`customers/${id}/history`} query={{ document }} />
      </p>
      {entries.length === 0 && <p className="empty">{words.customer.noEvents}</p>}
      {entries.length > 0 && (
        <div className="over">
          {newer > 0 && <button type="button" className="chip chip-news chip-over" data-testid="newer-events" data-value={newer} onClick={() => { hold(first.data); setMore(null); }}>{words.holds.news(newer)}</button>}
          <div className="scroll">
            <table className="grid" data-testid="events">
              <caption className="hidden">{words.customer.tabs.events}</caption>
              <thead>
                <tr>
                  <th scope="col">{words.customer.event}</th>
                  <th scope="col">{words.customer.item}</th>
                  <th scope="col">{words.customer.outcome}</th>
                  <th scope="col">{words.customer.source}</th>
                  <th scope="col">{words.customer.arrived}</th>
                  <th scope="col">{words.customer.entry}</th>
                </tr>
              </thead>
              <tbody>
                {entries.map((e) => (
                  <tr key={e.entry} data-id={e.entry} data-testid="event">
                    <td><Link to={`/customers/${id}/events/${e.entry}`} testid="event-link">{nameOf(e.type ?? "")}</Link></td>
                    <td>{e.document}</td>
                    <td>{outcomeWord(words, e.outcome)}{e.reason ? ` · ${e.reason}` : ""}</td>
                    <td className="fig">{e.stream ? `${e.stream} @ ${e.offset}` : <span className="muted">{words.customer.viaHttp}</span>}</td>
                    <td>{moment(e.arrival, lang, zone)}</td>
                    <td className="fig">{e.entry}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
      )}
      {cursor && (
        <button type="button" className="quiet" onClick={() => void get<History>(`/customers/${id}/history?limit=100&cursor=${cursor}`).then((next) => setMore({ entries: [...(more?.entries ?? []), ...next.entries], cursor: next.cursor }))}>
          {words.customer.loadMore}
        </button>
      )}
    </>
  );
}

export const nameOf = (type: string) => type.replace(/^credit\./, "").replace(/\.v\d+$/, "");
