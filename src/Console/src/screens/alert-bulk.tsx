import { useState } from "react";
import { ApiError, post } from "../api";
import { useShared } from "../context";
import { dayIn, hourOf } from "../format";
import { Field } from "../parts/basics";
import { focus } from "../parts/input";
import { Verdict } from "./alert-panel";
import type { Alert } from "./alerts";

/** One act for several alerts: what it leaves out it says before, and each of the others has a result of its own. */
export function AlertBulk({ rows, of, clear }: { rows: Alert[]; of: number; clear: () => void }) {
  const { words, me, may, zone } = useShared();
  const [note, setNote] = useState<string | null>(null);
  const [tag, setTag] = useState<string | null>(null);
  const [results, setResults] = useState<{ id: string; text: string; isDone: boolean }[]>([]);
  const [busy, setBusy] = useState(false);
  const allowed = may("Analyst", "Approver");
  const off = allowed ? undefined : words.holds.roleMissing(words.roles.Analyst);
  const closed = rows.filter((a) => a.mark?.resolvedBy);
  const others = rows.filter((a) => !a.mark?.resolvedBy && a.mark?.takenBy && a.mark.takenBy !== me.user);
  const mine = rows.filter((a) => !closed.includes(a) && !others.includes(a));
  const act = async (what: string, body: unknown) => {
    if (!allowed || busy) return;
    setBusy(true);
    const told: typeof results = [];
    for (const a of mine) {
      try {
        await post(`/warnings/${encodeURIComponent(a.id)}/${what}`, body);
        told.push({ id: a.id, text: words.alertBulk.done, isDone: true });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        told.push({ id: a.id, text: error.problem.by ? words.alerts.conflict(error.problem.by) : error.problem.detail, isDone: false });
      }
      setResults([...told]);
    }
    setBusy(false);
    setNote(null);
  };
  const name = (a: Alert | undefined) => (a ? `${a.customer} · ${words.alerts.names[a.indicator as keyof typeof words.alerts.names] ?? a.indicator}` : "");
  return (
    <section className="card act" data-testid="alert-bulk" aria-label={words.common.selected(rows.length)}>
      <p>
        <strong>{words.common.selected(rows.length)}</strong> {of > rows.length && words.holds.firstOf(String(of))} <span data-testid="bulk-mixed">{words.alertBulk.goes(mine.length)}{others.length > 0 && ` ${words.alertBulk.others(others.length, [...new Set(others.map((a) => a.mark!.takenBy!))].join(words.common.list))}`}{closed.length > 0 && ` ${words.alertBulk.closed(closed.length)}`}</span>{" "}
        <button type="button" className="link" onClick={clear}>{words.common.clear}</button>
      </p>
      <div className="buttons">
        <button type="button" className="primary" aria-disabled={!allowed || busy || mine.length === 0} title={off} onClick={() => void act("take", {})} data-testid="bulk-take">{words.alerts.take}</button>
        <button type="button" className="quiet" aria-disabled={!allowed || busy || mine.length === 0} title={off} onClick={() => void act("snooze", { until: hourOf(dayIn(zone, 1), 9, zone).toISOString() })} data-testid="bulk-rest">{words.common.pair(words.alerts.snooze, words.alerts.tomorrow)}</button>
        <button type="button" className="quiet" aria-disabled={!allowed || busy || mine.length === 0} title={off} onClick={() => allowed && setNote("")} data-testid="bulk-resolve">{words.alerts.resolve}</button>
      </div>
      {note !== null && (
        <form onSubmit={(event) => { event.preventDefault(); if (note.trim().length >= 10) void act("resolve", { note, ...(tag ? { tag } : {}) }); }}>
          <Field label={words.alerts.note}>{(f) => <textarea {...f} rows={2} ref={focus} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} data-testid="bulk-note" />}</Field>
          <Verdict value={tag} say={(t) => setTag(t === "none" ? null : t)} />
          <button type="submit" className="primary" aria-disabled={busy || note.trim().length < 10} data-testid="bulk-resolve-now">{words.alerts.resolve}</button>
        </form>
      )}
      {results.length > 0 && <ul className="plain" role="status" data-testid="bulk-results">{results.map((r) => <li key={r.id} data-done={r.isDone}>{name(rows.find((a) => a.id === r.id))}: {r.text}</li>)}</ul>}
    </section>
  );
}
