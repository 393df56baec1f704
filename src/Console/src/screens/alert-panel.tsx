import { useEffect, useRef, useState } from "react";
import { ApiError, post, type Problem } from "../api";
import type { AlertNotes, Deliveries } from "../contract";
import { useShared } from "../context";
import { dayIn, hourOf, moment, share } from "../format";
import { useScreenKeys } from "../keys";
import { Age } from "../parts/age";
import { Failed, Field, Link, useGet } from "../parts/basics";
import { focus } from "../parts/input";
import { Severity, SignalValue, signalValue } from "../parts/severity";
import { usePlace } from "../url";
import type { Alert } from "./alerts";
import { DeliveryTable, SilenceForm } from "./alert-telling";

const rests = (a: Alert) => Boolean(a.mark?.snoozedUntil && new Date(a.mark.snoozedUntil).getTime() > Date.now());

export function StateWord({ alert: a }: { alert: Alert }) {
  const { words, lang, zone } = useShared();
  if (a.mark?.resolvedBy) return <span className="tag">{words.alerts.resolvedBy(a.mark.resolvedBy)}</span>;
  if (rests(a)) {
    const [until, below] = [moment(a.mark!.snoozedUntil, lang, zone), a.mark!.snoozedBelowBp];
    return <span className="tag">{below == null ? words.alerts.snoozed(until) : words.rest.below(share(below, lang), until)}</span>;
  }
  return <span className="tag">{words.alerts.states[a.state as keyof typeof words.alerts.states] ?? a.state}</span>;
}

export const tags = ["useful", "noise"] as const;
type Tag = (typeof tags)[number];

/** Whether an alert was worth the time: two answers, and a second click takes one back. */
export function Verdict({ value, say, off }: { value?: string | null; say: (tag: Tag | "none") => void; off?: string }) {
  const { words } = useShared();
  return (
    <div className="buttons" role="group" aria-label={words.alerts.worth} data-testid="verdict" data-tag={value ?? ""}>
      <span className="muted">{words.alerts.worth}</span>
      {tags.map((t) => <button key={t} type="button" className="chip" aria-pressed={value === t} aria-disabled={off !== undefined} title={off} onClick={() => off ?? say(value === t ? "none" : t)} data-testid={"tag-" + t}>{words.alerts.tags[t]}</button>)}
    </div>
  );
}

export function Panel({ alert: a, close }: { alert: Alert; close: () => void }) {
  const { words, lang, zone, may, me } = useShared();
  const { query } = usePlace();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [form, setForm] = useState<"" | "note" | "rest" | "silence">("");
  const [note, setNote] = useState("");
  const [tag, setTag] = useState<string | null>(null);
  const [copied, setCopied] = useState("");
  const allowed = may("Analyst", "Approver");
  const deliveries = useGet<Deliveries>(a.told ? `/deliveries?alert=${encodeURIComponent(a.id)}` : null);
  const notes = useGet<AlertNotes>(a.told ? `/alert-notes?alert=${encodeURIComponent(a.id)}` : null);
  const name = words.alerts.names[a.indicator as keyof typeof words.alerts.names] ?? a.indicator;
  const act = async (what: string, body?: unknown) => {
    setProblem(null);
    try {
      await post(`/warnings/${encodeURIComponent(a.id)}/${what}`, body ?? {});
      setForm("");
      setTag(null);
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    }
  };
  const copy = (what: string, text: string) => void navigator.clipboard?.writeText(text).then(() => setCopied(what));
  const ask = (which: typeof form) => allowed && setForm(which);
  useScreenKeys({ a: () => allowed && void act("take"), m: () => allowed && void act("take"), s: () => ask("rest"), e: () => ask("note"), u: () => toggle("useful"), n: () => toggle("noise") });
  // What another person did stands in the notes as well.
  useEffect(notes.reload, [a.told?.version]);
  const off = allowed ? undefined : words.holds.roleMissing(words.roles.Analyst);
  const shown = form === "note" && tag ? tag : a.mark?.tag;
  const say = (t: Tag | "none") => (form === "note" ? setTag(t) : void act("tag", { tag: t }));
  const toggle = (t: Tag) => off ?? say(shown === t ? "none" : t);
  const resolve = () => void act("resolve", { note, ...(tag ? { tag } : {}) });
  const take = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (query.get("do") === "take") take.current?.focus();
  }, []);
  return (
    <aside className="panel" data-testid="alert-panel" data-id={a.id} aria-label={words.alerts.panel}>
      <div className="panel-head">
        <h2>{name}</h2>
        <button type="button" className="quiet icon" onClick={close} aria-label={words.common.close}>×</button>
      </div>
      <p><Severity name={a.severity} /> <StateWord alert={a} /></p>
      <p><Link to={"/customers/" + a.customer}>{a.customer}</Link> {a.name} {a.about && <span className="muted">· {a.about}</span>}</p>
      {a.state === "credit.signal.retracted.v1" && (
        <p className="notice" data-testid="retracted">{words.alerts.retracted} {a.lastPosition && <Link to={`/customers/${a.customer}/events/${a.lastPosition}`}>{words.alerts.lateEvent}</Link>}</p>
      )}
      <dl className="facts small">
        <div className="fact"><dt>{words.alerts.since}</dt><dd>{moment(a.at, lang, zone)}</dd></div>
        {(a.count ?? 0) > 1 && <div className="fact"><dt>{words.alerts.first}</dt><dd data-testid="first-seen" data-value={a.count}>{moment(a.firstAt!, lang, zone)} · {a.count}×</dd></div>}
        {([[words.common.value, a.value], [words.alerts.threshold, a.threshold]] as const).map(([label, value]) => {
          const told = a.flapping ? "–" : signalValue(words, lang, a.indicator, value);
          return told !== "–" && <div key={label} className="fact"><dt>{label}</dt><dd className="fig">{label === words.common.value ? <SignalValue {...a} /> : told}</dd></div>;
        })}
        {a.clears && <div className="fact"><dt>{words.alerts.clears}</dt><dd lang={lang === "zh" && a.clearsZh ? "zh-Hans" : "en"}>{(lang === "zh" && a.clearsZh) || a.clears}</dd></div>}
        <div className="fact"><dt>{words.alerts.taken}</dt><dd data-testid="taken-by">{a.mark?.takenBy ?? "–"}</dd></div>
        {a.told?.takeBy && <div className="fact"><dt>{words.alerts.takeBy}</dt><dd>{moment(a.told.takeBy, lang, zone)} · <Age until={a.told.takeBy} /></dd></div>}
        {a.told?.mutedWhy && <div className="fact"><dt>{words.alerts.muted}</dt><dd lang="en">{a.told.mutedWhy}</dd></div>}
      </dl>
      {a.mark?.note && <p className="quote">{a.mark.note}</p>}
      {a.lastPosition && a.state !== "credit.signal.retracted.v1" && <p><Link to={`/customers/${a.customer}/events/${a.lastPosition}`}>{words.customer.event}</Link></p>}
      {problem && (problem.by ? <p className="failed" role="alert">{words.alerts.conflict(problem.by)}</p> : <Failed problem={problem} />)}
      <div className="buttons">
        <button type="button" ref={take} className="primary" aria-disabled={!allowed || a.mark?.takenBy === me.user} title={off} onClick={() => allowed && void act("take")} data-testid="take">{words.alerts.take}</button>
        <button type="button" className="quiet" aria-disabled={!allowed} title={off} onClick={() => ask("rest")} data-testid="snooze">{words.alerts.snooze}</button>
        <button type="button" className="quiet" aria-disabled={!allowed} title={off} onClick={() => ask("note")} data-testid="resolve">{words.alerts.resolve}</button>
        {a.told && <button type="button" className="quiet" aria-disabled={!allowed} title={off} onClick={() => ask("silence")} data-testid="silence">{words.alerts.silence}</button>}
      </div>
      {form !== "note" && <Verdict value={shown} say={say} off={off} />}
      {form === "rest" && (
        <div className="buttons act" role="group" aria-label={words.alerts.snooze}>
          <button type="button" className="primary" ref={focus} onClick={() => void act("snooze", { until: new Date(Date.now() + 3_600_000).toISOString() })} data-testid="rest-hour">{words.alerts.anHour}</button>
          {a.indicator === "EW-01" && <button type="button" className="quiet" onClick={() => void act("snooze", { betterBy: 5 })} data-testid="rest-better">{words.rest.better}</button>}
          <RestUntil rest={(until) => void act("snooze", { until: until.toISOString() })} />
          <button type="button" className="quiet" onClick={() => setForm("")}>{words.common.cancel}</button>
        </div>
      )}
      {form === "note" && (
        <form className="act" onSubmit={(event) => { event.preventDefault(); resolve(); }}>
          <Field label={words.alerts.note}>{(f) => <textarea {...f} rows={3} ref={focus} value={note} onChange={(event) => setNote(event.target.value)} onKeyDown={(event) => event.key === "Enter" && event.ctrlKey && resolve()} data-testid="note" />}</Field>
          <Verdict value={shown} say={say} />
          <div className="buttons">
            <button type="submit" className="primary" aria-disabled={note.trim().length < 10} data-testid="resolve-now">{words.alerts.resolve}</button>
            <button type="button" className="quiet" onClick={() => setForm("")}>{words.common.cancel}</button>
          </div>
        </form>
      )}
      {form === "silence" && <SilenceForm matchers={[`customer="${a.customer}"`, `alertname="${a.indicator}"`]} done={() => setForm("")} />}
      <div className="buttons">
        <button type="button" className="quiet" onClick={() => copy("text", `${a.customer} ${a.name ?? ""} · ${name} · ${words.alerts.severities[a.severity as keyof typeof words.alerts.severities] ?? a.severity} · ${moment(a.at, lang, zone)}`)}>{copied === "text" ? words.common.copied : words.alerts.copyText}</button>
        <button type="button" className="quiet" onClick={() => copy("link", location.origin + "/alerts/" + encodeURIComponent(a.id) + "?do=take")}>{copied === "link" ? words.common.copied : words.common.copyLink}</button>
      </div>
      {notes.data && notes.data.notes.length > 0 && (
        <>
          <h3>{words.alerts.done}</h3>
          <ul className="events">{notes.data.notes.map((n, i) => <li key={i}>{moment(n.at, lang, zone)} · {n.actor}: {(n.act ?? "").split(", ").map((w) => words.alerts.acts[w as keyof typeof words.alerts.acts] ?? w).join(", ")}{n.text ? ` – ${n.text}` : ""}</li>)}</ul>
        </>
      )}
      {deliveries.data && (
        <>
          <h3>{words.alerts.deliveries}</h3>
          {deliveries.data.deliveries.length === 0 ? <p className="muted">{words.alerts.noDelivery}</p> : <DeliveryTable rows={deliveries.data.deliveries} short />}
        </>
      )}
    </aside>
  );
}

/** Points to rest until, by the clock of the desk: the morning of a day on which somebody looks. */
function RestUntil({ rest }: { rest: (until: Date) => void }) {
  const { words, zone } = useShared();
  const [day, setDay] = useState("");
  const weekday = new Date(dayIn(zone, 0) + "T00:00:00Z").getUTCDay();
  const [first, last] = [dayIn(zone, 1), dayIn(zone, 29)];
  const isDay = day >= first && day <= last;
  return (
    <>
      <button type="button" className="quiet" onClick={() => rest(hourOf(first, 9, zone))} data-testid="rest-tomorrow">{words.alerts.tomorrow}</button>
      <button type="button" className="quiet" onClick={() => rest(hourOf(dayIn(zone, (8 - weekday) % 7 || 7), 9, zone))} data-testid="rest-monday">{words.rest.monday}</button>
      <Field label={words.rest.date} hint={words.rest.zone(zone)} error={day && !isDay ? words.rest.bad : null}>{(a) => <input {...a} type="date" min={first} max={last} value={day} onChange={(event) => setDay(event.target.value)} data-testid="rest-day" />}</Field>
      <button type="button" className="quiet" aria-disabled={!isDay} onClick={() => isDay && rest(hourOf(day, 9, zone))} data-testid="rest-set">{words.rest.set}</button>
    </>
  );
}
