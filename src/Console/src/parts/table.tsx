import type { KeyboardEvent, MouseEvent, ReactNode, Ref } from "react";

/** A column of a table: its head, and what it shows of a row. */
export interface Column<Row> {
  head: ReactNode;
  /** A figure stands to the right. */
  figure?: boolean;
  /** A moment stands in one line. */
  when?: boolean;
  of: (row: Row) => ReactNode;
}

/** A real table with a caption and heads: what most screens show. The board and the hold queue have their own, since theirs move. */
export function Table<Row>({ rows, columns, caption, keyOf, testid, rowTestid, busy, onOpen, isOpen, active, onActive, dataOf, tableRef }: {
  rows: readonly Row[];
  columns: Column<Row>[];
  caption: string;
  keyOf: (row: Row, index: number) => string;
  testid?: string;
  rowTestid?: string;
  busy?: boolean;
  /** Opens a row, by a click that hits no control of its own, or by Enter. */
  onOpen?: (row: Row) => void;
  isOpen?: (row: Row) => boolean;
  /** The row that has the focus, where rows take one. */
  active?: string | null;
  onActive?: (id: string) => void;
  /** What a row says of itself besides its id, as data attributes. */
  dataOf?: (row: Row) => Record<`data-${string}`, string | undefined>;
  tableRef?: Ref<HTMLTableElement>;
}) {
  return (
    <div className="scroll">
      <table className="grid" data-testid={testid} ref={tableRef} aria-busy={busy || undefined}>
        <caption className="hidden">{caption}</caption>
        <thead>
          <tr>{columns.map((c, i) => <th key={i} scope="col" className={c.figure ? "num" : undefined}>{c.head}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row, index) => {
            const id = keyOf(row, index);
            const opens = onOpen && {
              tabIndex: active === id || ((active ?? null) === null && index === 0) ? 0 : -1,
              onFocus: () => onActive?.(id),
              onClick: (event: MouseEvent) => !(event.target as HTMLElement).closest("a,button,input,label") && onOpen(row),
              onKeyDown: (event: KeyboardEvent) => event.key === "Enter" && event.target === event.currentTarget && onOpen(row),
            };
            return (
              <tr key={id} data-id={id} data-testid={rowTestid} {...dataOf?.(row)} className={isOpen?.(row) ? "open" : undefined} {...opens}>
                {columns.map((c, i) => <td key={i} className={c.figure ? "num fig" : c.when ? "when" : undefined}>{c.of(row)}</td>)}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
