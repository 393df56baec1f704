import { useEffect, useState, type ComponentType, type ReactNode } from "react";

/** A screen, or a part of one, that is fetched when somebody goes there; meanwhile something stands in, so that nothing moves when it comes. */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>, instead: ReactNode = null) {
  let come: ComponentType<Props> | undefined;
  return function Later(props: Props) {
    const [, draw] = useState(0);
    useEffect(() => {
      let isHere = true;
      if (!come)
        void load().then((part) => {
          come = part;
          if (isHere) draw(1);
        });
      return () => {
        isHere = false;
      };
    }, []);
    const Part = come;
    return Part ? <Part {...props} /> : <>{instead}</>;
  };
}
