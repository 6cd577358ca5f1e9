/** The composer at the operation that it sends. */
import type { ReactNode } from "react";

import type { Session } from "../Session";
import { Composer } from "./Composer";

export function OperationPanel({ session, action: id }: { session: Session; action: string }): ReactNode {
  const action = session.action(id);
  if (action === undefined) return null;
  return (
    <section className="try try-panel" aria-label={`Try out ${action.title}`}>
      <Composer session={session} action={action} />
    </section>
  );
}
