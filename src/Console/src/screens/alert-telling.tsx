import { useState, type ReactNode } from "react";
import { ApiError, post, send, type Problem } from "../api";
import type { Alert as Told, AlertTags, Alerts as AlertsTold, Channel, ChannelTested, Channels, Deliveries as DeliveriesTold, Delivery, Silence, Silences as SilencesTold } from "../contract";
import { useShared } from "../context";
import { count, moment, share, time } from "../format";
import { Export, Failed, Field, Link, Missing, useGet } from "../parts/basics";
import { Severity } from "../parts/severity";
import { Table } from "../parts/table";
import { Verdict } from "./alert-panel";

/** Severities on the wire outside have short names. */
const severityOf: Record<string, string> = { INFO: "Info", LOW: "Low", MED: "Medium", HIGH: "High", CRIT: "Critical" };

/** Without channels nothing goes out, and the page says how it would. */
function Without({ children }: { children: ReactNode }) {
  const { words } = useShared();
  const channels = useGet<Channels>("/channels");
  if (channels.problem) return <Failed problem={channels.problem} />;
  if (channels.data && channels.data.channels.length === 0) return <p className="empty" data-testid="empty">{words.alerts.noChannels} <code lang="en">exposure serve --channels channels.yaml</code></p>;
  return <>{children}</>;
}

/** Alerts that are no signals: held orders, stops, refused checks, dead letters, channels that do not arrive. */
export function Notices() {
  const { words, lang, zone, may, me } = useShared();
  const alerts = useGet<AlertsTold>("/alerts?notices=true&limit=200");
  const [problem, setProblem] = useState<{ id: string; told: Problem } | null>(null);
  const allowed = may("Analyst", "Approver");
  const rows = (alerts.data?.alerts ?? []).filter((a) => !(a.rule ?? "").startsWith("EW-"));
  const act = async (a: Told, what: string, note = "") => {
    setProblem(null);
    try {
      await post("/alert-acts", { alert: a.id, act: what, note, version: a.version });
      alerts.reload();
    } catch (error) {
      if (error instanceof ApiError) setProblem({ id: a.id ?? "", told: error.problem });
    }
  };
  return (
    <Without>
      <p className="row"><span className="spring" /><Export of="alerts" query={{ notices: "true" }} /></p>
      {alerts.data && rows.length === 0 ? <p className="empty" data-testid="empty">{words.alerts.noNotices}</p> : (
        <Table
          rows={rows} caption={words.alerts.tabs.notices} keyOf={(a) => a.id ?? ""} testid="notices" rowTestid="notice" dataOf={(a) => ({ "data-state": a.state ?? undefined })}
          columns={[
            { head: words.alerts.severity, of: (a) => <Severity name={severityOf[a.severity ?? ""] ?? ""} /> },
            { head: words.customer.indicator, of: (a) => (lang === "zh" ? a.titleZh : a.title) },
            { head: words.board.customer, of: (a) => a.customer && <><Link to={"/customers/" + a.customer}>{a.customer}</Link> <span className="clip muted">{a.name}</span></> },
            { head: words.alerts.since, of: (a) => moment(a.raisedAt, lang, zone) },
            { head: words.common.state, of: (a) => <span className="tag">{words.alerts.alertStates[a.state as keyof typeof words.alerts.alertStates] ?? a.state}</span> },
            { head: words.alerts.taken, of: (a) => a.handledBy || <span className="muted">–</span> },
            {
              head: words.common.actions, of: (a) => (
                <>
                  <span className="buttons">
                    {a.rule === "HOLD" && a.about && <Link to={`/holds/${a.customer}/${a.about}`} className="button quiet">{words.common.open}</Link>}
                    {a.handling === "New" && (a.state === "Firing" || a.state === "Told") && <button type="button" className="quiet" aria-disabled={!allowed} onClick={() => allowed && void act(a, "take")}>{words.alerts.take}</button>}
                    {a.handling === "Taken" && a.handledBy === me.user && <button type="button" className="quiet" onClick={() => void act(a, "return")}>{words.alerts.giveBack}</button>}
                  </span>
                  {problem?.id === a.id && <Failed problem={problem!.told} />}
                </>
              ),
            },
          ]}
        />
      )}
    </Without>
  );
}

/** One alert by its address, as a message links to it: a held order, a stop, a channel, or a signal that has left the list. */
export function NoticePanel({ id, close }: { id: string; close: () => void }) {
  const { words, lang, zone, may, me } = useShared();
  const alerts = useGet<AlertsTold>("/alerts?id=" + encodeURIComponent(id));
  const deliveries = useGet<DeliveriesTold>("/deliveries?alert=" + encodeURIComponent(id));
  const [problem, setProblem] = useState<Problem | null>(null);
  const allowed = may("Analyst", "Approver");
  const a = alerts.data?.alerts[0];
  if (alerts.problem) return <aside className="panel"><Failed problem={alerts.problem} /></aside>;
  if (alerts.data && !a) return <aside className="panel"><Missing /></aside>;
  if (!a) return <aside className="panel" aria-busy="true" />;
  const act = async (what: string, tag?: string) => {
    setProblem(null);
    try {
      await post("/alert-acts", { alert: a.id, act: what, version: a.version, ...(tag ? { tag } : {}) });
      alerts.reload();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    }
  };
  return (
    <aside className="panel" data-testid="notice-panel" data-id={id} aria-label={words.alerts.panel}>
      <div className="panel-head">
        <h2>{lang === "zh" ? a.titleZh : a.title}</h2>
        <button type="button" className="quiet icon" onClick={close} aria-label={words.common.close}>×</button>
      </div>
      <p><Severity name={severityOf[a.severity ?? ""] ?? ""} /> <span className="tag">{words.alerts.alertStates[a.state as keyof typeof words.alerts.alertStates] ?? a.state}</span></p>
      {a.customer && <p><Link to={"/customers/" + a.customer}>{a.customer}</Link> {a.name}</p>}
      <dl className="facts small">
        <div className="fact"><dt>{words.alerts.since}</dt><dd>{moment(a.raisedAt, lang, zone)}</dd></div>
        <div className="fact"><dt>{words.alerts.taken}</dt><dd data-testid="notice-taken-by">{a.handledBy || "–"}</dd></div>
        {a.takeBy && <div className="fact"><dt>{words.alerts.takeBy}</dt><dd>{moment(a.takeBy, lang, zone)}</dd></div>}
        {a.mutedWhy && <div className="fact"><dt>{words.alerts.muted}</dt><dd lang="en">{a.mutedWhy}</dd></div>}
      </dl>
      {problem && <Failed problem={problem} />}
      <div className="buttons">
        {a.rule === "HOLD" && a.about && <Link to={`/holds/${a.customer}/${a.about}`} className="button">{words.common.open}</Link>}
        {a.handling === "New" && <button type="button" className="primary" aria-disabled={!allowed} onClick={() => allowed && void act("take")} data-testid="take-notice">{words.alerts.take}</button>}
        {a.handling === "Taken" && a.handledBy === me.user && <button type="button" className="quiet" onClick={() => void act("return")}>{words.alerts.giveBack}</button>}
      </div>
      <Verdict value={a.tag} say={(tag) => void act("tag", tag)} off={allowed ? undefined : words.holds.roleMissing(words.roles.Analyst)} />
      {deliveries.data && deliveries.data.deliveries.length > 0 && <DeliveryTable rows={deliveries.data.deliveries} short />}
    </aside>
  );
}

/** What became of each message on its way. */
export function Deliveries() {
  const { words, lang, zone, may } = useShared();
  const [channel, setChannel] = useState("");
  const [tested, setTested] = useState<{ channel: string; answer?: string | null; problem?: Problem } | null>(null);
  const test = async (name: string) => {
    setTested({ channel: name, answer: "…" });
    try {
      const told = await post<ChannelTested>(`/channels/${encodeURIComponent(name)}/test`, {});
      setTested({ channel: name, answer: `${told.outcome}: ${told.answer}` });
    } catch (error) {
      if (error instanceof ApiError) setTested({ channel: name, problem: error.problem });
    }
  };
  const channels = useGet<Channels>("/channels");
  const deliveries = useGet<DeliveriesTold>("/deliveries?limit=200" + (channel ? "&channel=" + encodeURIComponent(channel) : ""));
  return (
    <Without>
      {channels.data && (
        <Table
          rows={channels.data.channels} caption={words.alerts.channels} keyOf={(c) => c.name ?? ""} testid="channels"
          columns={[
            { head: words.alerts.channel, of: (c) => <button type="button" className="link" aria-pressed={channel === c.name} onClick={() => setChannel(channel === c.name ? "" : (c.name ?? ""))}>{c.name}</button> },
            { head: words.common.state, of: (c) => <>{words.alerts.healths[c.health as keyof typeof words.alerts.healths] ?? c.health} <span className="muted" lang="en">{c.reason}</span></> },
            { head: words.alerts.waiting, figure: true, of: (c) => count(c.waiting ?? 0, lang) },
            { head: words.alerts.lastSuccess, of: (c) => moment(c.lastSuccess, lang, zone) },
            ...(may("Admin") ? [{
              head: words.common.actions, of: (c: Channel) => (
                <>
                  <button type="button" className="quiet" onClick={() => void test(c.name ?? "")} data-testid="test-channel">{words.alerts.sendTest}</button>
                  {tested?.channel === c.name && (tested.problem ? <Failed problem={tested.problem} /> : <span className="muted" lang="en" data-testid="tested">{tested.answer}</span>)}
                </>
              ),
            }] : []),
          ]}
        />
      )}
      <div className="head"><h2>{words.alerts.deliveries}{channel && ` · ${channel}`}</h2><span className="spring" /><Export of="deliveries" query={{ channel }} /></div>
      {deliveries.problem && <Failed problem={deliveries.problem} />}
      {deliveries.data && (deliveries.data.deliveries.length === 0 ? <p className="empty">{words.alerts.noDelivery}</p> : <DeliveryTable rows={deliveries.data.deliveries} />)}
    </Without>
  );
}

export function DeliveryTable({ rows, short }: { rows: Delivery[]; short?: boolean }) {
  const { words, lang, zone } = useShared();
  return (
    <Table
      rows={rows} caption={words.alerts.deliveries} keyOf={(d) => String(d.number)} testid="deliveries" rowTestid="delivery" dataOf={(d) => ({ "data-state": d.state ?? undefined })}
      columns={[
        { head: words.common.time, of: (d) => <span className="nowrap">{short ? time(d.firstSentAt ?? d.createdAt ?? "", lang, zone) : moment(d.firstSentAt ?? d.createdAt, lang, zone)}</span> },
        ...(short ? [] : [{ head: words.alerts.alert, of: (d: Delivery) => (/\/EW-/.test(d.alert ?? "") ? <Link to={"/alerts/" + encodeURIComponent(d.alert!)}>{d.alert}</Link> : <span className="clip">{d.alert}</span>) }]),
        { head: words.alerts.channel, of: (d) => d.channel },
        { head: words.alerts.transition, of: (d) => words.alerts.transitions[(d.transition ?? "").replace(/-.*/, "") as keyof typeof words.alerts.transitions] ?? d.transition },
        { head: words.common.state, of: (d) => <>{words.alerts.deliveryStates[d.state as keyof typeof words.alerts.deliveryStates] ?? d.state} <span className="muted" lang="en">{d.answer}</span>{short && (d.attempts ?? 0) > 1 ? ` ×${d.attempts}` : ""}</> },
        ...(short ? [] : [{ head: words.alerts.tries, figure: true, of: (d: Delivery) => d.attempts }, { head: words.alerts.messageId, of: (d: Delivery) => <code>{d.messageId}</code> }]),
      ]}
    />
  );
}

/** What people thought of alerts, by rule, and the thresholds that would have spared noise. Nothing changes by it. */
export function Noise() {
  const { words, lang, zone } = useShared();
  const told = useGet<AlertTags>("/alert-tags");
  const nameOf = (rule: string | null) => <>{words.alerts.names[rule as keyof typeof words.alerts.names] ?? ""} <span className="muted nowrap">{rule}</span></>;
  const of = (part: number | null, all: number | null) => words.alerts.ofAll(count(part ?? 0, lang), count(all ?? 0, lang));
  if (told.problem) return <Failed problem={told.problem} />;
  if (!told.data) return null;
  const { rules, proposals } = told.data;
  return (
    <>
      <p className="muted">{words.alerts.noiseText(moment(told.data.from, lang, zone))}</p>
      {rules.length === 0 ? <p className="empty" data-testid="empty">{words.alerts.noiseNone}</p> : (
        <Table
          rows={rules} caption={words.alerts.tabs.noise} keyOf={(r) => r.rule ?? ""} rowTestid="noise-rule"
          columns={[
            { head: words.customer.indicator, of: (r) => nameOf(r.rule) },
            { head: words.alerts.told, figure: true, of: (r) => r.told },
            { head: words.alerts.handled, figure: true, of: (r) => r.handled },
            { head: words.alerts.tags.useful, figure: true, of: (r) => r.useful },
            { head: words.alerts.tags.noise, figure: true, of: (r) => r.noise },
            { head: words.alerts.noiseShare, figure: true, of: (r) => share(r.noiseBp ?? undefined, lang) },
          ]}
        />
      )}
      <h2>{words.alerts.thresholds}</h2>
      <p className="muted">{words.alerts.thresholdsText} <Link to="/policy">{words.nav.policy}</Link></p>
      {proposals.length > 0 && (
        <Table
          rows={proposals} caption={words.alerts.thresholds} keyOf={(p) => p.parameter ?? ""} rowTestid="noise-proposal"
          columns={[
            { head: words.customer.indicator, of: (p) => nameOf(p.rule) },
            { head: words.policy.parameter, of: (p) => <code>{p.parameter} = {p.proposed}</code> },
            { head: words.policy.before, figure: true, of: (p) => p.stands },
            { head: words.alerts.spared, figure: true, of: (p) => of(p.noiseSpared, p.noise) },
            { head: words.alerts.lost, figure: true, of: (p) => of(p.usefulLost, p.useful) },
          ]}
        />
      )}
    </>
  );
}

/** Silences in force and to come, with who and why. */
export function Silences() {
  const { words, lang, zone, may } = useShared();
  const silences = useGet<SilencesTold>("/silences");
  const [problem, setProblem] = useState<Problem | null>(null);
  const allowed = may("Analyst", "Approver");
  const end = async (s: Silence) => {
    setProblem(null);
    try {
      await send("DELETE", "/silences/" + encodeURIComponent(s.id ?? ""));
      silences.reload();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    }
  };
  return (
    <Without>
      {problem && <Failed problem={problem} />}
      {silences.data && (silences.data.silences.length === 0 ? <p className="muted">{words.alerts.noSilence}</p> : (
        <Table
          rows={silences.data.silences} caption={words.alerts.tabs.silences} keyOf={(s) => s.id ?? ""} testid="silences" rowTestid="silence-row"
          columns={[
            { head: words.alerts.matches, of: (s) => s.matchers.map((m) => <code key={m}>{m} </code>) },
            { head: words.common.from, of: (s) => moment(s.startsAt, lang, zone) },
            { head: words.common.to, of: (s) => <>{moment(s.endsAt, lang, zone)}{s.untilResolved ? ` · ${words.alerts.untilResolved}` : ""}</> },
            { head: words.audit.person, of: (s) => s.creator },
            { head: words.common.reason, of: (s) => s.comment },
            { head: words.common.actions, of: (s) => <button type="button" className="quiet" aria-disabled={!allowed} onClick={() => allowed && void end(s)} data-testid="end-silence">{words.alerts.endSilence}</button> },
          ]}
        />
      ))}
      <SilenceForm matchers={[]} done={silences.reload} />
    </Without>
  );
}

/** Silences what matches all conditions; the comment says why. */
export function SilenceForm({ matchers, done }: { matchers: string[]; done: () => void }) {
  const { words, may } = useShared();
  const [text, setText] = useState(matchers.join("\n"));
  const [hours, setHours] = useState("24");
  const [comment, setComment] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const allowed = may("Analyst", "Approver");
  const submit = async () => {
    setProblem(null);
    try {
      const conditions = text.split("\n").map((l) => l.trim()).filter(Boolean);
      await post("/silences", hours ? { matchers: conditions, comment, endsAt: new Date(Date.now() + Number(hours) * 3_600_000).toISOString() } : { matchers: conditions, comment, untilResolved: true });
      setComment("");
      done();
    } catch (error) {
      if (error instanceof ApiError) setProblem(error.problem);
    }
  };
  return (
    <form className="act card silence-form" onSubmit={(event) => { event.preventDefault(); if (allowed) void submit(); }}>
      <h2>{words.alerts.newSilence}</h2>
      <Field label={words.alerts.matches} hint={words.alerts.matchesHint}>{(f) => <textarea {...f} rows={2} className="mono" value={text} onChange={(event) => setText(event.target.value)} data-testid="matchers" />}</Field>
      <Field label={words.talk.until}>
        {(f) => (
          <select {...f} value={hours} onChange={(event) => setHours(event.target.value)}>
            {["1", "8", "24", "168"].map((h) => <option key={h} value={h}>{words.alerts.hours(h)}</option>)}
            <option value="">{words.alerts.untilResolved}</option>
          </select>
        )}
      </Field>
      <Field label={words.common.reason}>{(f) => <input {...f} value={comment} onChange={(event) => setComment(event.target.value)} data-testid="silence-why" />}</Field>
      {problem && <Failed problem={problem} />}
      <div className="buttons"><button type="submit" className="primary" aria-disabled={!allowed || !comment.trim()} data-testid="silence-now">{words.alerts.silence}</button></div>
    </form>
  );
}
