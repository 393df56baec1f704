import { useEffect, useRef, useState } from "react";
import { ApiError, newKey, post, send, type Problem } from "../api";
import type { Documents, HoldNotes, OrderWithHold, PastFigures, Customer as CustomerRow, Payments as Paid, Records } from "../contract";
import { useShared } from "../context";
import { amount, day, moment, time } from "../format";
import { useScreenKeys } from "../keys";
import { useView } from "../live/hooks";
import { Ageing } from "../charts/ageing";
import { Waterfall } from "../charts/waterfall";
import { Amount, DecisionButton, Failed, Field, Link, useGet, UtilisationBar } from "../parts/basics";
import { ReasonChoice, useReasons } from "../parts/reasons";
import { usePlace } from "../url";
import { Step, type HoldRecord } from "./customer-history";
import { bandOf } from "./figures";
import { HoldTalk } from "./hold-talk";
import { StateTag } from "./holds";
import { useHeld, type QueueRow } from "./queue";
import { ruleText } from "./rules";

type Act = "propose" | "confirm" | "turnDown" | "reject";

/** Why an order is held, what the figures say now, and what can be done about it. */
export function HoldPanel({ customer, order, listed, close }: {
  customer: string;
  order: string;
  /** The order as the list beside has it, until its own row is here; it may be on another page. */
  listed: QueueRow | undefined;
  close: () => void;
}) {
  const { words, lang, zone, me, may, boardWords } = useShared();
  const { query } = usePlace();
  const { view, rows } = useHeld({ customer, hold: order });
  const row = (view ? rows[0] : listed) ?? null;
  const detail = useGet<OrderWithHold>(`/customers/${customer}/orders/${order}`);
  const records = useGet<Records>(`/hold-records?customer=${customer}&subject=${order}&limit=50`);
  const documents = useGet<Documents>(`/customers/${customer}/documents`);
  const notes = useGet<HoldNotes>(`/customers/${customer}/holds/${order}/notes`);
  const [checked, setChecked] = useState<string | null>(null);
  const [withdrawn, setWithdrawn] = useState<Problem | null>(null);
  const account = useView<CustomerRow>("customer:" + customer)?.rows.get(customer);
  const asked = query.get("do") as Act | null;
  const [act, setAct] = useState<Act | null>(asked);
  const [done, setDone] = useState<Act | null>(null);
  useEffect(() => {
    detail.reload();
    records.reload();
    documents.reload();
    notes.reload();
  }, [row?.state, row?.orderVersion, row === null, row?.assignedTo, account?.asOf.seq]);
  useLook(customer, order, row !== null && may("Analyst", "Approver"));

  const steps = (records.data?.rows ?? []) as unknown as HoldRecord[];
  // What leaves the queue while somebody looks at it keeps its place on the page, with the figures that it had last.
  const seen = useRef(row);
  if (row) seen.current = row;
  const hold = row ?? seen.current;
  const isGone = view !== null && row === null && steps.length > 0;
  const currency = hold?.currency ?? steps[0]?.currency ?? "";
  const value = hold?.amount ?? steps[0]?.amount ?? "0";
  const isOwn = row?.requestedBy === me.user;
  const isPending = row?.state === "PendingApproval";
  const authority = BigInt(me.authority || "0");
  const needs = BigInt(hold?.needs || value);
  const short = may("Approver") && authority >= 0n && currency === me.baseCurrency && BigInt(value) > authority;
  const why: Record<Act, string | null> = {
    propose: !may("Analyst", "Approver") ? words.holds.roleMissing(words.roles.Analyst) : row === null ? words.holds.gone : null,
    confirm: !may("Approver") ? words.holds.roleMissing(words.roles.Approver) : isOwn ? words.holds.own : short ? words.holds.authority(amount(value, currency, lang), amount(me.authority, me.baseCurrency, lang)) : row === null ? words.holds.gone : null,
    turnDown: !may("Approver") ? words.holds.roleMissing(words.roles.Approver) : row === null ? words.holds.gone : null,
    reject: !may("Analyst", "Approver") ? words.holds.roleMissing(words.roles.Analyst) : row === null ? words.holds.gone : null,
  };
  const opens = (next: Act) => why[next] === null && setAct(next);
  useScreenKeys({ r: () => !isPending && opens("propose"), c: () => isPending && opens("confirm") });
  const withdraw = async () => {
    setWithdrawn(null);
    try {
      await post(`/customers/${customer}/holds/${order}/withdraw`);
    } catch (error) {
      if (error instanceof ApiError) setWithdrawn(error.problem);
    }
  };
  // The machine judges a held order with every change of the account; this reads what it says now.
  const again = () => {
    detail.reload();
    documents.reload();
    records.reload();
    setChecked(new Date().toISOString());
  };
  const released = steps.find((s) => s.step === "credit.order.released.v1");
  const heldAt = steps.find((s) => s.step === "credit.order.held.v1")?.at;

  // Below an open form, so that nothing that arrives moves its button away under a pointer.
  const notices = (
    <>
      {row?.takenBy && row.takenBy !== me.user && <p className="notice" data-testid="taken">{words.holds.taken2(row.takenBy)}</p>}
      {isGone && <p className="notice" data-testid="no-hold">{words.holds.gone}</p>}
      {row && (!row.takenBy || row.takenBy === me.user) && <p className="notice notice-none">{words.holds.alone}</p>}
      {isPending && (
        <div className="notice" data-testid="proposal">
          <p>{words.holds.proposedBy(row.requestedBy, momentOf(steps, "hold.release-requested") ?? "")}</p>
          <p className="quote">{row.requestReason}</p>
          {row.lapsesAt && <p className="muted" data-testid="lapses">{words.holds.lapses(moment(row.lapsesAt, lang, zone))}</p>}
        </div>
      )}
    </>
  );

  return (
    <aside className="panel panel-wide" data-testid="hold-panel" data-order={order} aria-label={`${words.holds.panel} ${order}`}>
      <div className="panel-head">
        <h2>{order}</h2>
        {hold && <StateTag state={isGone ? (steps.some((s) => /rejected\.v1$/.test(s.step)) ? "Rejected" : released ? "Released" : hold.state) : hold.state} />}
        <button type="button" className="quiet icon" onClick={close} aria-label={words.common.close}>×</button>
      </div>
      <p>
        <Link to={"/customers/" + customer}>{hold?.name ?? customer}</Link> · <strong><Amount minor={value} currency={currency} code testid="hold-amount" /></strong>
        {hold?.shipOn && <span className="muted"> · {words.holds.ships} {day(hold.shipOn, lang)}</span>}
      </p>
      {act === null && notices}
      {done && <p className="done" data-testid="done" role="status">{words.holds.done[done]}</p>}

      {hold && act === null && (
        <div className="buttons">
          {!isPending && <DecisionButton testid="propose" why={why.propose} said={isGone && why.propose === words.holds.gone} onClick={() => opens("propose")}>{words.holds.proposeOf(`${currency} ${amount(value, currency, lang)}`)}</DecisionButton>}
          {isPending && <DecisionButton testid="confirm" why={why.confirm} onClick={() => opens("confirm")}>{words.holds.confirmOf(`${currency} ${amount(value, currency, lang)}`)}</DecisionButton>}
          {isPending && <DecisionButton testid="turn-down" kind="quiet" why={why.turnDown} onClick={() => opens("turnDown")}>{words.holds.turnDown}</DecisionButton>}
          <DecisionButton testid="reject" kind="quiet" why={why.reject} said={isGone && why.reject === words.holds.gone} onClick={() => opens("reject")}>{words.holds.reject}</DecisionButton>
          {isPending && isOwn && <DecisionButton testid="withdraw" kind="quiet" why={null} onClick={() => void withdraw()}>{words.holds.withdraw}</DecisionButton>}
          <button type="button" className="link" onClick={again} data-testid="check-again">{words.holds.checkAgain}</button>
        </div>
      )}
      {withdrawn && <Failed problem={withdrawn} />}
      {checked && row && <p className="muted" role="status" data-testid="checked">{words.holds.judged(time(checked, lang, zone), row.reasons.filter((r) => r.stillValid).length)}</p>}
      {act !== null && (
        <ActForm key={act} act={act} customer={customer} order={order} label={act === "propose" ? words.holds.proposeOf(`${currency} ${amount(value, currency, lang)}`) : act === "confirm" ? words.holds.confirmOf(`${currency} ${amount(value, currency, lang)}`) : act === "turnDown" ? words.holds.turnDown : words.holds.reject} why={why[act]} shown={detail.data} cancel={() => setAct(null)} done={() => { setDone(act); setAct(null); records.reload(); }} refresh={() => { detail.reload(); records.reload(); }} />
      )}
      {act !== null && notices}

      <section>
        <h3>{words.holds.checks}</h3>
        <ol className="checks" data-testid="checks">
          {hold?.reasons.map((r) => (
            <li key={r.rule} className={r.stillValid ? "fails" : "passes"} data-rule={r.rule}>
              <code>{r.rule}</code> {ruleText(words, r.rule)} <span className="muted">({r.stillValid ? words.holds.failed : words.holds.passed})</span>
              {r.threshold !== "0" && r.currency && (
                <span key={`${r.observed.length} ${r.threshold.length} ${r.excess.length}`} className="muted"> · {words.holds.observed} <Amount minor={r.observed} currency={r.currency} /> · {words.holds.threshold} <Amount minor={r.threshold} currency={r.currency} />{r.excess !== "0" && <> · {words.holds.excess} <Amount minor={r.excess} currency={r.currency} /></>}</span>
              )}
              {r.threshold !== "0" && !r.currency && <span className="muted">{` · ${words.holds.observed} ${r.observed} · ${words.holds.threshold} ${r.threshold}`}</span>}
            </li>
          ))}
        </ol>
        {hold && (
          <details data-testid="all-steps">
            <summary>{words.holds.allSteps}</summary>
            <ol className="checks">
              {detail.data?.steps.map((s) => (
                <li key={s.rule} className={s.state === "Failed" ? "fails" : "passes"} data-rule={s.rule} data-state={s.state}>
                  <code>{s.rule}</code> {ruleText(words, s.rule ?? "")} <span className="muted">({s.state === "Failed" ? words.holds.failed : s.why ? words.holds.skipped : words.holds.passed}{s.why && words.common.list + words.holds.stepWhy[s.why as keyof typeof words.holds.stepWhy]})</span>
                </li>
              ))}
            </ol>
          </details>
        )}
      </section>
      {hold && account && (
        <section>
          <h3>{words.holds.figures}</h3>
          <table className="compare" data-testid="compare">
            <caption className="hidden">{words.holds.figures}</caption>
            <thead>
              <tr>
                <th />
                <th scope="col" className="num">{words.common.then}</th>
                <th scope="col" className="num">{words.common.now}</th>
              </tr>
            </thead>
            <tbody>
              <tr><th scope="row">{words.board.exposureTile}</th><td className="num"><Amount minor={hold.then?.gross} currency={hold.then?.currency ?? ""} testid="then-gross" /></td><td className="num"><Amount minor={account.gross} currency={account.currency ?? ""} testid="now-gross" /></td></tr>
              <tr><th scope="row">{words.customer.limit}</th><td className="num"><Amount minor={hold.then?.limit} currency={hold.then?.currency ?? ""} /></td><td className="num"><Amount minor={account.limit} currency={account.currency ?? ""} /></td></tr>
              <tr><th scope="row">{words.board.overdue}</th><td className="num"><OverdueThen customer={customer} at={heldAt} /></td><td className="num"><Amount minor={account.overdue} currency={account.currency ?? ""} /></td></tr>
              <tr><th scope="row">{words.board.utilisation}</th><td /><td className="num"><UtilisationBar basisPoints={account.utilisationBp ?? undefined} band={bandOf(account, boardWords)} /></td></tr>
            </tbody>
          </table>
          <Waterfall figures={account} small />
          <Ageing figures={account} />
        </section>
      )}
      <Payments customer={customer} seq={account?.asOf.seq} />
      <HoldTalk customer={customer} order={order} currency={currency} held={row !== null} notes={notes.data} reload={notes.reload} />
      <section>
        <h3>{words.holds.comments}</h3>
        <ol className="steps" data-testid="steps">{steps.map((s, i) => <Step key={i} step={s} />)}</ol>
        {released && <p className="muted" data-testid="message">{words.holds.message}: {words.holds.sent} {moment(released.at, lang, zone)} · {steps.some((s) => s.step === "hold.acknowledged") ? words.holds.acknowledged : words.holds.pendingAck}</p>}
      </section>
      <span className="hidden" data-testid="needs">{needs.toString()}</span>
    </aside>
  );

  function momentOf(list: HoldRecord[], step: string): string | null {
    const found = list.find((s) => s.step === step);
    return found ? moment(found.at, lang, zone) : null;
  }
}

/** What was overdue when the order was held: rebuilt from the journal, so read when somebody wants it. */
function OverdueThen({ customer, at }: { customer: string; at: string | undefined }) {
  const { words } = useShared();
  const [isAsked, ask] = useState(false);
  const then = useGet<PastFigures>(isAsked && at ? `/customers/${customer}/as-of?at=${at}` : null);
  if (then.data) return <Amount minor={then.data.overdue} currency={then.data.currency ?? ""} testid="then-overdue" />;
  if (then.problem) return <Failed problem={then.problem} />;
  return at ? <button type="button" className="link" aria-busy={isAsked} onClick={() => ask(true)} data-testid="ask-then">{words.common.figures}</button> : <span className="muted">–</span>;
}

/** What the customer paid within ninety days; read when somebody wants it, since it stands in the journal and not in the figures. */
function Payments({ customer, seq }: { customer: string; seq: number | null | undefined }) {
  const { words, lang } = useShared();
  const [isOpen, setOpen] = useState(false);
  const told = useGet<Paid>(isOpen ? `/customers/${customer}/payments` : null);
  useEffect(told.reload, [seq]);
  return (
    <details className="act" onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="payments">
      <summary>{words.holds.payments}</summary>
      {told.problem && <Failed problem={told.problem} />}
      {told.data && told.data.payments.length === 0 && <p className="muted">{words.common.none}</p>}
      <ul className="events">
        {told.data?.payments.map((p, i) => (
          <li key={i} data-id={p.paymentId}>
            <span className="muted">{day(p.on, lang)}</span> <Link to={"/customers/" + customer} query={{ tab: "events", document: p.paymentId ?? "" }}>{p.paymentId}</Link> <strong><Amount minor={p.amount} currency={p.currency ?? ""} code testid="paid" /></strong> {p.isReturned && <span className="tag">{words.rules.PAYMENT_RETURNED}</span>}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Whoever has an order open says so, and says so again while it stays open. */
function useLook(customer: string, order: string, on: boolean) {
  useEffect(() => {
    if (!on) return;
    const path = `/customers/${customer}/holds/${order}/look`;
    const look = () => void post(path).catch(() => undefined);
    look();
    const again = setInterval(look, 60_000);
    return () => {
      clearInterval(again);
      void send("DELETE", path).catch(() => undefined);
    };
  }, [customer, order, on]);
}

interface FormProps {
  act: Act;
  customer: string;
  order: string;
  label: string;
  why: string | null;
  shown: OrderWithHold | null;
  cancel: () => void;
  done: () => void;
  refresh: () => void;
}

/** A decision waits, visibly, for the server. One key per form: two clicks decide once; what was typed stays when somebody else was faster. */
function ActForm({ act, customer, order, label, why, shown, cancel, done, refresh }: FormProps) {
  const { words } = useShared();
  const [code, setCode] = useState("");
  const [text, setText] = useState("");
  const [expected, setExpected] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const key = useRef(newKey());
  const form = useRef<HTMLFormElement>(null);
  const needsReason = act !== "confirm";
  const { codes, problem: noCodes } = useReasons(act === "propose");
  const isReady = !needsReason || codes.length > 0;
  const asksForDay = codes.some((c) => c.code === code && c.asksForDay);
  const wrong = {
    code: needsReason && code === "" ? words.holds.needCode : null,
    text: needsReason && text.trim().length < 10 ? words.holds.needText : null,
    day: asksForDay && expected === "" ? words.holds.needDay : null,
  };
  // The keys belong to the form from the start, and to its first field as soon as there is a choice; whoever writes already keeps the place.
  useEffect(() => {
    const [self, at] = [form.current, document.activeElement];
    if (self && (at === self || !self.contains(at))) (isReady ? self.querySelector<HTMLElement>("select,textarea,button") : self)?.focus();
  }, [isReady]);
  const path = `/customers/${customer}/holds/${order}/` + { propose: "request-release", confirm: "approve", turnDown: "reject-release", reject: "reject-order" }[act];
  const submit = async () => {
    setTried(true);
    if (busy || why !== null || wrong.code || wrong.text || wrong.day) return;
    setBusy(true);
    setProblem(null);
    const hold = shown?.hold as { orderVersion?: number; reasons?: { rule: string; stillValid: boolean }[] } | null | undefined;
    const body = needsReason
      ? { reasonCode: code, reason: text.trim(), ...(asksForDay ? { expectedOn: expected } : {}) }
      : { orderVersion: hold?.orderVersion, limitVersion: shown?.limitVersion, reasons: hold?.reasons?.filter((r) => r.stillValid).map((r) => r.rule) };
    try {
      await post(path, body, key.current);
      done();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
      // Another try after a conflict is another decision.
      if (error.problem.status !== 0 && error.problem.status < 500) key.current = newKey();
      if (error.problem.status === 409) refresh();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      ref={form} tabIndex={-1} className="act" data-testid="act-form" data-act={act} noValidate
      onSubmit={(event) => { event.preventDefault(); void submit(); }}
      onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); void submit(); } else if (event.key === "Escape") { event.stopPropagation(); cancel(); } }}
    >
      {needsReason && (
        <>
          <Field label={words.holds.code} error={tried ? wrong.code : null}>
            {(a) => <ReasonChoice {...a} codes={codes} value={code} choose={setCode} data-testid="reason-code" />}
          </Field>
          {asksForDay && <Field label={words.holds.expectedOn} error={tried ? wrong.day : null}>{(a) => <input {...a} type="date" value={expected} onChange={(event) => setExpected(event.target.value)} data-testid="expected-on" />}</Field>}
          <Field label={words.holds.text} hint={words.holds.textHint} error={tried ? wrong.text : null}>{(a) => <textarea {...a} rows={3} value={text} onChange={(event) => setText(event.target.value)} maxLength={400} data-testid="reason-text" />}</Field>
        </>
      )}
      {noCodes && <Failed problem={noCodes} />}
      {problem && (problem.by ? <p className="failed" role="alert" data-testid="conflict" data-by={problem.by} data-status={problem.status}>{words.holds.conflict(problem.by)} {words.holds.steps[problem.step as keyof typeof words.holds.steps] ?? ""} {problem.otherReason && <q>{problem.otherReason}</q>}</p> : <Failed problem={problem} />)}
      <div className="buttons">
        <DecisionButton testid="submit" submit busy={busy} why={why}>{label}</DecisionButton>
        <button type="button" className="quiet" onClick={cancel}>{words.common.cancel}</button>
        <span className="muted"><kbd>Ctrl</kbd>+<kbd>Enter</kbd></span>
      </div>
    </form>
  );
}
