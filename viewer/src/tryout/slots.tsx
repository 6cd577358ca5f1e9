/** What stands in the document's plugin slots: where it is introduced, and at each operation that a client sends. */
import type { ComponentSlotProps, PluginSlot } from "@asyncapi/react-component/lib/types/types";
import { useContext, useState, type ReactNode } from "react";

import { TryContext } from "./useTryItOut";

export function TryDocument(): ReactNode {
  const tryItOut = useContext(TryContext);
  if (tryItOut === undefined) return null;
  return (
    <p className="try-invitation">
      <button type="button" className="button" onClick={() => tryItOut.setOpen(true)} disabled={tryItOut.isOpen}>
        Connect and try it out
      </button>
      {tryItOut.error !== "" && <span role="alert">{tryItOut.error}</span>}
    </p>
  );
}

/** The component names an operation that the reading's own side receives `receive` or, with an answer, `reply`. */
export function isClients(type: string, perspective: string | undefined): boolean {
  return (perspective === "client" ? ["send", "request"] : ["receive", "reply"]).includes(type);
}

export function TryOperation({ context }: ComponentSlotProps<PluginSlot.OPERATION>): ReactNode {
  const tryItOut = useContext(TryContext);
  const [isOpen, setOpen] = useState(false);
  if (tryItOut === undefined || !isClients(context.type, tryItOut.perspective)) return null;
  const { module, session } = tryItOut;
  const id = context.operation.id() ?? "";
  const toggle = (): void => {
    setOpen(!isOpen);
    if (!isOpen) tryItOut.setOpen(true);
  };
  return (
    <div className="try-operation">
      <button type="button" className="button quiet" aria-expanded={isOpen} onClick={toggle}>
        {isOpen ? "Close" : "Try it out"}
        <span className="hidden-words"> {id}</span>
      </button>
      {isOpen && tryItOut.isLoading && <p role="status">Loading…</p>}
      {isOpen && module !== undefined && session !== undefined && <module.OperationPanel key={session.key} session={session} action={id} />}
    </div>
  );
}
