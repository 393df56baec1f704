import { useEffect } from "react";
import type { Customer as CustomerRow, Documents, History } from "../contract";
import { useShared } from "../context";
import { moment } from "../format";
import { useView } from "../live/hooks";
import { Amount, BandTag, Link, useGet, UtilisationBar } from "../parts/basics";
import { Waterfall } from "../charts/waterfall";
import { bandOf } from "./figures";

/** The customer beside the list, which stays where it was. */
export function Preview({ id, name, close }: { id: string; name?: string; close: () => void }) {
  const { words, lang, zone, boardWords } = useShared();
  const view = useView<CustomerRow>("customer:" + id);
  const row = view?.rows.get(id);
  const seq = row?.asOf?.seq;
  const documents = useGet<Documents>(`/customers/${id}/documents`);
  const history = useGet<History>(`/customers/${id}/history?limit=5`);
  useEffect(() => {
    documents.reload();
    history.reload();
  }, [seq]);
  return (
    <aside className="panel" data-testid="preview" aria-label={`${words.board.preview} ${id}`}>
      <div className="panel-head">
        <h2>{id}</h2>
        <button type="button" className="quiet icon" onClick={close} aria-label={words.common.close}>×</button>
      </div>
      {row && (
        <>
          <p className="muted">{[name, row.segment, row.controller].filter(Boolean).join(" · ")}</p>
          <p className="row"><BandTag band={bandOf(row, boardWords)} /> <UtilisationBar basisPoints={row.utilisationBp ?? undefined} band={bandOf(row, boardWords)} /></p>
          <Waterfall figures={row} small />
        </>
      )}
      <h3>{words.board.openHolds}</h3>
      <ul className="plain">
        {documents.data?.holds.map((h) => (
          <li key={h.orderId}><Link to={`/holds/${id}/${h.orderId}`}>{h.orderId}</Link> <Amount minor={h.amount} currency={h.currency ?? ""} code /></li>
        ))}
        {documents.data?.holds.length === 0 && <li className="muted">{words.board.noHolds}</li>}
      </ul>
      <h3>{words.board.lastEvents}</h3>
      <ul className="plain events">
        {history.data?.entries.map((e) => (
          <li key={e.entry}><Link to={`/customers/${id}/events/${e.entry}`}>{e.type?.replace(/^credit\./, "").replace(/\.v\d+$/, "")}</Link> <span className="muted">{moment(e.arrival, lang, zone)}</span></li>
        ))}
      </ul>
      <Link to={"/customers/" + id} className="button">{words.board.openPage}</Link>
    </aside>
  );
}
