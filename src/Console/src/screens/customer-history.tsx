import { useEffect } from "react";
import type { Documents, Records } from "../contract";
import { useShared } from "../context";
import { moment } from "../format";
import { Amount, Link, useGet } from "../parts/basics";

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
  const changes = (limits.data?.rows ?? []) as unknown as LimitRecord[];
  return (
    <div className="columns">
      <section className="card">
        <h2>{words.nav.holds}</h2>
        {steps.length === 0 && <p className="muted">{words.common.none}</p>}
        <ol className="steps">
          {steps.map((s, i) => <Step key={i} step={s} withOrder={id} />)}
        </ol>
      </section>
      <section className="card">
        <h2>{words.limits.changes}</h2>
        {changes.length === 0 && <p className="muted">{words.common.none}</p>}
        <ol className="steps">
          {changes.map((c, i) => (
            <li key={i}>
              <span className="muted">{moment(c.at, lang, zone)}</span> <Amount minor={c.before} currency={c.currency ?? ""} /> → <strong><Amount minor={c.after} currency={c.currency ?? ""} code /></strong>
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

export function Signals({ documents }: { documents: Documents }) {
  const { words } = useShared();
  if (documents.signals.length === 0) return <p className="empty">{words.customer.noSignals}</p>;
  return (
    <div className="scroll">
      <table className="grid">
        <caption className="hidden">{words.customer.tabs.signals}</caption>
        <thead>
          <tr>
            <th scope="col">{words.customer.indicator}</th>
            <th scope="col">{words.alerts.severity}</th>
            <th scope="col">{words.customer.document}</th>
          </tr>
        </thead>
        <tbody>
          {documents.signals.map((s) => (
            <tr key={`${s.indicator}-${s.about}`}>
              <td>{s.indicator} · {words.alerts.names[s.indicator as keyof typeof words.alerts.names] ?? ""}</td>
              <td>{words.alerts.severities[s.severity as keyof typeof words.alerts.severities] ?? s.severity}</td>
              <td>{s.about}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
