import { createContext, createElement, Fragment, options, render, type ComponentChild, type VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/*
 * What the screens use of React, on Preact's core: the names and their meaning are React's, so that the sources and their types stay those of React, and
 * `vite.config.ts` puts this in its place. Preact's own layer of compatibility has the rest of React as well, which nobody here uses, and weighs as much as a screen.
 */

export * from "preact/hooks";
export { createContext, Fragment as StrictMode };

type Props = Record<string, unknown>;

/** Names of React that the browser, or Preact, has others for. */
const others: Record<string, string> = { onFocus: "onFocusIn", onBlur: "onFocusOut", onDoubleClick: "onDblClick", strokeWidth: "stroke-width", strokeDasharray: "stroke-dasharray" };

const before = options.vnode;
options.vnode = (vnode: VNode<unknown>) => {
  const { type } = vnode;
  const props = vnode.props as Props;
  if (typeof type === "string")
    for (const name in props) {
      // A field of text tells of every letter, as React's does; a choice when it is made.
      const other = name === "onChange" && (type === "textarea" || (type === "input" && !/^(checkbox|radio|file)$/.test(String(props.type)))) ? "onInput" : others[name];
      if (!other) continue;
      props[other] = props[name];
      delete props[name];
    }
  before?.(vnode);
};

/** Draws a component again only when one of its properties is another one. */
export function memo(component: (props: Props) => ComponentChild) {
  function differs(this: { props: Props }, next: Props): boolean {
    for (const name in next) if (next[name] !== this.props[name]) return true;
    for (const name in this.props) if (!(name in next)) return true;
    return false;
  }
  return function Memo(this: { shouldComponentUpdate: typeof differs }, props: Props) {
    this.shouldComponentUpdate = differs;
    return createElement(component, props);
  };
}

/** What a store outside says, drawn again when it says something else. */
export function useSyncExternalStore<T>(subscribe: (listener: () => void) => () => void, snapshot: () => T): T {
  const value = snapshot();
  const seen = useRef({ value, snapshot });
  const [, draw] = useState({});
  const look = () => {
    if (!Object.is(seen.current.value, seen.current.snapshot())) draw({});
  };
  useLayoutEffect(() => {
    seen.current = { value, snapshot };
    look();
  });
  useEffect(() => {
    look();
    return subscribe(look);
  }, [subscribe]);
  return value;
}

export const createRoot = (place: Element) => ({ render: (root: ComponentChild) => render(root, place) });
