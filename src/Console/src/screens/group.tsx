import { useEffect, useState } from "react";
import type { CreditGroup, Customer as CustomerRow, GroupMember, GroupSlice } from "../contract";
import { useShared } from "../context";
import { count, share } from "../format";
import { useView } from "../live/hooks";
import { Amount, BandTag, Export, Failed, Flash, Link, Missing, useGet, UtilisationBar } from "../parts/basics";
import { Table } from "../parts/table";
import { CopyLink, Fact } from "./customer";
import { bandOf } from "./figures";

export const groupPath = (id: string) => "/groups/" + encodeURIComponent(id);

const askedFor = (id: string) => `/customers/${encodeURIComponent(id)}/group`;

/** Who shares a limit: the way to the top, limit and use of the group, and the tree below with the slice of each. */
export function Group({ id }: { id: string }) {
  const { words, lang, boardWords } = useShared();
  const group = useGet<CreditGroup>(askedFor(id));
  const row = useView<CustomerRow>(group.data ? "customer:" + id : null)?.rows.get(id);
  const seq = row?.asOf.seq;
  useEffect(group.reload, [seq]);
  const g = group.data;
  if (group.problem) return group.problem.status === 404 ? <Missing /> : <Failed problem={group.problem} />;
  if (!g) return <p className="muted" aria-busy="true">{words.common.loading}</p>;
  const currency = g.currency ?? "";
  const band = bandOf({ limitKind: g.limitKind, breached: (g.utilisationBp ?? 0) > 10_000, utilisationBp: g.utilisationBp ?? undefined }, boardWords);
  const held = g.slices.filter((s) => !s.former || s.slice !== "0");
  const isGroup = (g.memberCount ?? 0) > 0 || g.members.length > 0;
  return (
    <article data-testid="group" data-id={id} data-seq={g.asOf.seq}>
      {g.path.length > 1 && (
        <nav aria-label={words.group.path} className="row" data-testid="group-path">
          {g.path.slice(0, -1).map((p) => <span key={p.customer}><Link to={groupPath(p.customer!)}>{p.name ?? p.customer}</Link> /</span>)}
          <span aria-current="page">{g.name ?? id}</span>
        </nav>
      )}
      <div className="head">
        <div>
          <div className="title">
            <h1>{g.name ?? id}</h1>
            {isGroup && <BandTag band={band} />}
          </div>
          <p className="muted"><span className="fig">{id}</span> · {isGroup ? words.group.title : words.group.member} · {words.customer.entry} <span className="fig" data-testid="group-as-of">{position(g.asOf)}</span> · <Link to={"/customers/" + id} testid="group-customer">{words.board.openPage}</Link></p>
        </div>
        <div className="head-actions"><CopyLink /></div>
      </div>
      {g.askedParent && <p className="banner" role="status">{words.group.asked(g.askedParent)}</p>}
      {isGroup && (
        <dl className="facts">
          <Fact strong label={words.group.use} value={<Flash value={g.use ?? ""}><Amount minor={g.use} currency={currency} code testid="group-use" /></Flash>} />
          <Fact label={words.group.limit} value={g.limitKind === "Amount" ? <Amount minor={g.limit} currency={currency} code testid="group-limit" /> : <span className="muted">{words.group.unbound}</span>} />
          {g.limitKind === "Amount" && <Fact label={words.board.utilisation} value={<UtilisationBar basisPoints={g.utilisationBp ?? undefined} band={band} />} />}
          {g.limitKind === "Amount" && <Fact label={words.group.pool} value={<Flash value={g.pool ?? ""}><Amount minor={g.pool} currency={currency} code testid="group-pool" /></Flash>} />}
          <Fact label={words.group.lent} value={<Amount minor={g.lent} currency={currency} code testid="group-lent" />} />
          <Fact label={words.group.own} value={<Amount minor={g.ownUse} currency={currency} code />} />
          <Fact label={words.group.members} value={count(g.memberCount ?? 0, lang)} />
        </dl>
      )}
      {held.length > 0 && <Slices rows={held} />}
      {isGroup && <Tree group={g} seq={seq} />}
      {!isGroup && held.length === 0 && <p className="empty" data-testid="no-group">{words.group.none}</p>}
      {(g.notListed ?? 0) > 0 && <p className="muted" data-testid="not-listed">{words.group.notListed(count(g.notListed!, lang))}</p>}
    </article>
  );
}

const position = (at: { partition: number | null; seq: number | null }) => `${at.partition}-${at.seq}`;

function Slices({ rows }: { rows: GroupSlice[] }) {
  const { words } = useShared();
  return (
    <>
      <h2>{words.group.slices}</h2>
      <Table
        rows={rows} caption={words.group.slices} keyOf={(s) => s.parent ?? ""} testid="group-slices"
        columns={[
          { head: words.group.parent, of: (s) => <Link to={groupPath(s.parent!)}>{s.parent}</Link> },
          { head: words.group.limit, figure: true, of: (s) => (s.limit === null ? words.group.unbound : <Amount minor={s.limit} currency={s.currency ?? ""} code />) },
          { head: words.group.slice, figure: true, of: (s) => <Amount minor={s.slice} currency={s.currency ?? ""} code /> },
          { head: words.group.wants, figure: true, of: (s) => (s.want === "0" ? "" : <Amount minor={s.want} currency={s.currency ?? ""} code />) },
          { head: words.common.state, of: (s) => [s.recalled && words.group.marks.recalled, s.former && words.group.marks.former].filter(Boolean).join(words.common.list) },
        ]}
      />
    </>
  );
}

/** The members; one that has members of its own opens below itself. */
function Tree({ group, seq }: { group: CreditGroup; seq: number | null | undefined }) {
  const { words } = useShared();
  return (
    <>
      <div className="head"><h2>{words.group.tree}</h2><span className="spring" /><Export of={`customers/${group.customer}/group`} /></div>
      <div className="scroll">
        <table className="grid" data-testid="group-tree">
          <caption className="hidden">{words.group.tree}</caption>
          <thead>
            <tr>
              <th scope="col">{words.group.member}</th>
              <th scope="col" className="num">{words.group.share}</th>
              <th scope="col">{words.common.currency}</th>
              <th scope="col" className="num">{words.group.use}</th>
              <th scope="col" className="num">{words.group.slice}</th>
              <th scope="col" className="num">{words.group.wants}</th>
              <th scope="col">{words.common.state}</th>
              <th scope="col">{words.customer.entry}</th>
            </tr>
          </thead>
          <tbody><Members group={group} level={1} seq={seq} /></tbody>
        </table>
      </div>
    </>
  );
}

function Members({ group, level, seq }: { group: CreditGroup; level: number; seq: number | null | undefined }) {
  const shown = group.members.filter((m) => !m.former || m.slice !== "0");
  return <>{shown.map((m) => <Member key={m.customer} member={m} currency={group.currency ?? ""} level={level} seq={seq} />)}</>;
}

function Member({ member: m, currency, level, seq }: { member: GroupMember; currency: string; level: number; seq: number | null | undefined }) {
  const { words, lang } = useShared();
  const [open, setOpen] = useState(false);
  const id = m.customer!;
  const below = useGet<CreditGroup>(open ? askedFor(id) : null);
  useEffect(() => { if (open) below.reload(); }, [seq]);
  const marks = [m.outsideGroup && words.group.marks.outside, m.refused && words.group.marks.refused, m.recalled && words.group.marks.recalled, m.former && words.group.marks.former];
  return (
    <>
      <tr data-id={id} data-level={level}>
        <td className={"level-" + Math.min(level, 8)}>
          {m.memberCount ? <button type="button" className="quiet icon" aria-expanded={open} aria-label={`${words.group.below} ${m.name ?? id}`} onClick={() => setOpen(!open)} data-testid={"open-" + id}>{open ? "▾" : "▸"}</button> : null}{" "}
          <Link to={(m.memberCount ? groupPath(id) : "/customers/" + encodeURIComponent(id))}>{m.name ?? id}</Link>
          {m.name && <span className="muted fig"> {id}</span>}
          {m.memberCount ? <span className="muted"> {words.group.membersOf(count(m.memberCount, lang))}</span> : null}
        </td>
        <td className="num fig">{share(m.shareBp ?? undefined, lang)}</td>
        <td>{currency}</td>
        <td className="num"><Amount minor={m.use} currency={currency} /></td>
        <td className="num"><Amount minor={m.slice} currency={currency} /></td>
        <td className="num">{m.want === "0" ? "" : <Amount minor={m.want} currency={currency} />}</td>
        <td>{marks.filter(Boolean).join(words.common.list)}</td>
        <td className="fig muted">{position(m.asOf)}</td>
      </tr>
      {open && below.data && <Members group={below.data} level={level + 1} seq={seq} />}
      {open && below.problem && <tr><td colSpan={8}><Failed problem={below.problem} /></td></tr>}
    </>
  );
}
