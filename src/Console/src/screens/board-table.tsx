import { memo, useRef, type ReactNode } from "react";
import { useShared } from "../context";
import { useLive } from "../live/hooks";
import { Amount, bandNames, BandTag, Flash, Link, UtilisationBar } from "../parts/basics";
import { choose, addressOf, go } from "../url";
import { sortOf, type BoardChoice, type Column } from "./board-query";
import type { ShownRow } from "./board";
import { Age, Line, noteExposure, useLines } from "./board-lines";

const figures = new Set<Column>(["limit", "exposure", "utilisation", "available", "overdue", "days", "held"]);

/** Widths in rem of what has one length for all; names have what is left. */
const widths: Partial<Record<Column, number>> = { band: 8.25, group: 8, segment: 5.75, country: 4.75, owner: 5.25, grade: 5.5, risk: 6.5, utilisation: 9.25, days: 5.5, held: 4.5, trend: 5, age: 5.75 };

/**
 * Widths in rem of amounts and codes: by the longest one of the page, of amounts a digit more, and never less than it was. A column that followed
 * its figures would push all others aside with every tick.
 */
function useWidths(rows: ShownRow[], page: string): { amount: number; code: number } {
  const kept = useRef({ page: "", amount: 0, code: 0 });
  if (kept.current.page !== page) kept.current = { page, amount: 0, code: 0 };
  const k = kept.current;
  for (const { id, row } of rows) {
    k.amount = Math.max(k.amount, row.e.length, row.l?.length ?? 0, row.a?.replace("-", "").length ?? 0, row.d?.length ?? 0);
    k.code = Math.max(k.code, id.length);
  }
  // Digits, a comma for every three before the point, the point, and room for one digit more.
  return { amount: Math.max(6.25, (k.amount + Math.max(0, Math.floor((k.amount - 3) / 3)) + 2) * 0.5 + 1), code: Math.min(14, Math.max(6, k.code * 0.56 + 1.125)) };
}

interface Props {
  rows: ShownRow[];
  choice: BoardChoice;
  total: number | null;
  active: string | null;
  preview: string | null;
  onActive: (id: string) => void;
  onToggle: (id: string) => void;
  onPreview: (id: string) => void;
  children?: ReactNode;
}

export function BoardTable({ rows, choice, total, active, preview, onActive, onToggle, onPreview, children }: Props) {
  const { words } = useShared();
  const { notServing } = useLive();
  const lines = useLines(rows.map((r) => r.id), choice.columns.includes("trend"));
  const anyActive = active !== null && rows.some((r) => r.id === active);
  const known = useWidths(rows, `${choice.sort}${choice.descending}${choice.page}`);
  const widthOf = (column: Column) => widths[column] ?? (column === "name" ? undefined : column === "customer" ? known.code : known.amount);
  const least = 2 + choice.columns.reduce((sum, column) => sum + (widthOf(column) ?? 9), 0);
  return (
    <table className="grid still" style={{ minWidth: `${least}rem` }} data-testid="board" aria-rowcount={total ?? -1} aria-busy={children ? true : undefined}>
      <caption className="hidden">{words.board.caption}</caption>
      <colgroup>
        <col style={{ width: "2rem" }} />
        {choice.columns.map((column) => <col key={column} style={widthOf(column) === undefined ? undefined : { width: `${widthOf(column)}rem` }} />)}
      </colgroup>
      <thead>
        <tr>
          <th scope="col" className="narrow"><span className="hidden">{words.common.select}</span></th>
          {choice.columns.map((column) => <Head key={column} column={column} label={words.board[column]} choice={choice} />)}
        </tr>
      </thead>
      <tbody>
        {children}
        {rows.map((shown, index) => (
          <BoardLine
            // Another order is other rows in the same places: a row that were carried elsewhere would move under the eyes of whoever reads it.
            key={index + "/" + shown.id} id={shown.id} row={shown.row} gone={shown.gone} columns={choice.columns} index={(choice.page - 1) * choice.size + index + 1} takesFocus={active === shown.id || (index === 0 && !anyActive)}
            isSelected={choice.selected.includes(shown.id)} isPreview={preview === shown.id} isHatched={notServing.includes(shown.row.p)} lines={lines} onActive={onActive} onToggle={onToggle} onPreview={onPreview}
          />
        ))}
      </tbody>
    </table>
  );
}

function Head({ column, label, choice }: { column: Column; label: string; choice: BoardChoice }) {
  const sort = sortOf[column];
  const isSorted = sort === choice.sort;
  if (!sort) return <th scope="col" data-column={column}>{label}</th>;
  const next = isSorted ? (choice.descending ? sort : "-" + sort) : sort === "customer" ? sort : "-" + sort;
  return (
    <th scope="col" data-column={column} className={figures.has(column) ? "num" : undefined} aria-sort={isSorted ? (choice.descending ? "descending" : "ascending") : "none"}>
      <button type="button" className="sort" data-testid={"sort-" + sort} onClick={() => choose({ sort: next === "-util" ? null : next, page: null })}>
        {label}
        <span aria-hidden="true" className="arrow">{isSorted ? (choice.descending ? "▼" : "▲") : ""}</span>
      </button>
    </th>
  );
}

interface LineProps extends Pick<Props, "onActive" | "onToggle" | "onPreview"> {
  id: string;
  row: ShownRow["row"];
  gone: boolean;
  columns: Column[];
  index: number;
  takesFocus: boolean;
  isSelected: boolean;
  isPreview: boolean;
  isHatched: boolean;
  /** Changes when lines of the past came. */
  lines: number;
}

/** Drawn again only when its own row changed: of a thousand changes a second most are of other rows. */
const BoardLine = memo(function BoardLine({ id, row, gone, columns, index, takesFocus, isSelected, isPreview, isHatched, onActive, onToggle, onPreview }: LineProps) {
  const { words } = useShared();
  noteExposure(id, row.e);
  const state = [gone ? "gone" : "", isSelected ? "selected" : "", isPreview ? "open" : "", isHatched ? "hatched" : ""].filter(Boolean).join(" ");
  return (
    <tr
      data-id={id} data-testid="row" className={state || undefined} tabIndex={takesFocus ? 0 : -1} aria-rowindex={index + 1} aria-selected={isSelected}
      onFocus={() => onActive(id)} onClick={(event) => { if (!(event.target as HTMLElement).closest("a,input,button")) onPreview(id); }} onDoubleClick={() => go(addressOf("/customers/" + id))}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target === event.currentTarget) onPreview(id);
      }}
    >
      <td className="narrow"><input type="checkbox" checked={isSelected} onChange={() => onToggle(id)} aria-label={`${words.common.select} ${id}`} tabIndex={-1} /></td>
      {columns.map((column) => (
        <td key={column} data-column={column} className={figures.has(column) ? "num" : undefined}>{cell(column)}</td>
      ))}
    </tr>
  );

  function cell(column: Column): ReactNode {
    switch (column) {
      case "band": return <BandTag band={bandNames[row.b]!} />;
      case "customer": return <Link to={"/customers/" + id}>{id}</Link>;
      case "name": return <span className="clip clip-all" title={row.n}>{row.n ?? ""}</span>;
      case "group": return row.x ? <Link to={"/groups/" + row.x} className="clip clip-all">{row.x}</Link> : "";
      case "grade": return row.q ?? <span className="muted">–</span>;
      case "segment": return row.g ?? "";
      case "country": return row.y ?? "";
      case "owner": return row.o ?? "";
      case "risk": return row.r ? words.risk[row.r as keyof typeof words.risk] : words.risk.Normal;
      case "limit": return row.l === undefined ? <span className="muted">{row.k === "Unlimited" ? words.board.unlimited : words.board.noLimit}</span> : <Flash value={row.l}><Amount minor={row.l} currency={row.c} /></Flash>;
      case "exposure": return <Flash value={row.e}><Amount minor={row.e} currency={row.c} testid="exposure" /></Flash>;
      case "utilisation": return <Flash value={row.u}><UtilisationBar basisPoints={row.u} band={bandNames[row.b]!} /></Flash>;
      case "available": return <Flash value={row.a}><Amount minor={row.a} currency={row.c} /></Flash>;
      case "overdue": return row.d ? <Flash value={row.d}><Amount minor={row.d} currency={row.c} /></Flash> : <span className="muted">–</span>;
      case "days": return row.t ? <span key={String(row.t).length} className="fig">{row.t}</span> : <span key="none" className="muted">–</span>;
      case "trend": return <Line id={id} gross={row.e} currency={row.c} />;
      case "age": return <Age id={id} />;
      case "held": return row.h ? <Link to="/holds" query={{ customer: id }} className="held">{row.h}</Link> : <span className="muted">–</span>;
    }
  }
});
