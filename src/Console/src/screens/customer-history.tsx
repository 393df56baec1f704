import { useEffect } from "react";
import type { ExplainedSignals, Records } from "../contract";
import { useShared } from "../context";
import { day, moment } from "../format";
import { Amount, Export, Failed, Link, useGet } from "../parts/basics";
import { Severity, SignalValue, signalValue } from "../parts/severity";
import { Table } from "../parts/table";

export interface HoldRecord {
  at: string;
  step: string;
  orderId: string;
  amount?: string;
  currency?: string;
  actor?: string;
  approver?: string;
  reason?: string;
  causes?: string[];
  customer?: string;
  reasons?: { rule: string }[];
  figures?: { gross?: string; limit?: string; currency?: string };
}

interface LimitRecord {
  at: string;
  step: string;
  before?: string;
  after?: string;
  currency?: string;
  actor?: string;
  approvedBy?: string[];
  reason?: string;
}

export function CustomerHistory({ id, seq }: { id: string; seq: number | null | undefined }) {
  const { words, lang, zone } = useShared();
  const holds = useGet<Records>(`/hold-records?customer=${id}&limit=100`);
  const limits = useGet<Records>(`/limit-changes?customer=${id}&limit=100`);
  useEffect(() => {
    holds.reload();
    limits.reload();
  }, [seq]);
  const steps = (holds.data?.rows ?? []) as unknown as HoldRecord[];
  // The limit in force follows from the one that was set; what it says of its own is that one has ended by itself.
  const told = (limits.data?.rows ?? []) as unknown as LimitRecord[];
  const follows = (c: LimitRecord) => c.step.startsWith("credit.effective-limit");
  const changes = told.filter((c) => !follows(c) || !told.some((d) => !follows(d) && d.at === c.at && d.after === c.after));
  return (
    <div className="columns">
      <section className="card">
        <div className="head"><h2>{words.nav.holds}</h2><span className="spring" /><Export of="hold-records" query={{ customer: id, steps: "all" }} /></div>
        {steps.length === 0 && <p className="muted">{words.common.none}</p>}
        <ol className="steps">
          {steps.map((s, i) => <Step key={i} step={s} withOrder={id} />)}
        </ol>
      </section>
      <section className="card">
        <div className="head"><h2>{words.limits.changes}</h2><span className="spring" /><Export of="limit-changes" query={{ customer: id }} /></div>
        {changes.length === 0 && <p className="muted">{words.common.none}</p>}
        <ol className="steps">
          {changes.map((c, i) => (
            <li key={i}>
              <span className="muted">{moment(c.at, lang, zone)}</span> {c.before && <><Amount minor={c.before} currency={c.currency ?? ""} /> → </>}<strong><Amount minor={c.after} currency={c.currency ?? ""} code /></strong>
              <br />
              {[c.actor, ...(c.approvedBy ?? [])].filter(Boolean).join(", ")} {c.reason}
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

/** A step in the life of a hold: what, when, by whom, why. */
export function Step({ step: s, withOrder }: { step: HoldRecord; withOrder?: string }) {
  const { words, lang, zone } = useShared();
  const who = [s.actor, s.approver].filter((w) => w && w !== "rule").join(" → ");
  return (
    <li data-testid="step" data-step={s.step}>
      <span className="muted">{moment(s.at, lang, zone)}</span> <strong>{words.holds.steps[s.step as keyof typeof words.holds.steps] ?? s.step}</strong>{" "}
      {withOrder && <Link to={`/holds/${withOrder}/${s.orderId}`}>{s.orderId}</Link>} {s.amount && <Amount minor={s.amount} currency={s.currency ?? ""} code />}
      {who && <span> {words.common.by} <strong>{who}</strong></span>}
      {s.reason && s.reason !== "cured" && <span className="quote">{s.reason}</span>}
      {s.causes && s.causes.length > 0 && withOrder === undefined && <span className="muted"> {s.causes.join(", ")}</span>}
    </li>
  );
}

/** What fires for the customer: value, threshold, what would clear it, and the events that made it. */
export function Signals({ id, seq }: { id: string; seq: number | null | undefined }) {
  const { words, lang, zone } = useShared();
  const told = useGet<ExplainedSignals>(`/customers/${id}/signals`);
  useEffect(told.reload, [seq]);
  if (told.problem) return <Failed problem={told.problem} />;
  if (!told.data) return null;
  if (told.data.signals.length === 0) return <p className="empty">{words.customer.noSignals}</p>;
  return (
    <>
      <p className="row"><span className="spring" /><Export of="warnings" query={{ customer: id, state: "firing" }} /></p>
      <Table
        rows={told.data.signals} caption={words.customer.tabs.signals} keyOf={(s) => s.signalId ?? ""} testid="signals" rowTestid="signal" dataOf={(s) => ({ "data-indicator": s.indicator ?? undefined })}
        columns={[
          { head: words.customer.indicator, of: (s) => <><Link to={"/alerts/" + encodeURIComponent(s.signalId ?? "")}>{words.alerts.names[s.indicator as keyof typeof words.alerts.names] ?? s.indicator}</Link> <span className="muted"><span className="nowrap">{s.indicator}</span>{s.about ? ` · ${s.about}` : ""}</span></> },
          { head: words.alerts.severity, of: (s) => <Severity name={s.severity ?? ""} /> },
          { head: words.common.value, figure: true, of: (s) => <SignalValue indicator={s.indicator ?? ""} value={s.condition?.observed} was={s.was} /> },
          { head: words.alerts.threshold, figure: true, of: (s) => signalValue(words, lang, s.indicator ?? "", s.condition?.threshold) },
          { head: words.alerts.clears, of: (s) => <span lang={lang === "zh" && s.clearsZh ? "zh-Hans" : "en"}>{(lang === "zh" && s.clearsZh) || s.clears}</span> },
          { head: words.alerts.since, when: true, of: (s) => day(s.raisedOn, lang) },
          { head: words.customer.madeBy, of: (s) => <span className="buttons">{s.events.slice(-3).map((e) => <Link key={e.entry} to={`/customers/${id}/events/${e.entry}`} className="chip">{e.document || moment(e.time, lang, zone)}</Link>)}</span> },
        ]}
      />
    </>
  );
}
