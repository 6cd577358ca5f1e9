/** The action by which a client authenticates once it is connected, where an API works so. */
import type { Action, Channel } from "./contract";

const AUTHENTICATES = /^(auth(enticat\w*|oriz\w*)?|log_?in|sign_?in|connection_init)$/i;

function names({ id, title, messages }: Action): string[] {
  return [id, title, ...messages.flatMap((message) => [message.id, message.title])];
}

/** The one that a security scheme names; where none does, the one that is called so. */
export function authenticatingAction({ schemes, actions }: Pick<Channel, "schemes" | "actions">): Action | undefined {
  const stated = schemes.filter(({ kind }) => kind === "message").map(({ name }) => name);
  if (stated.length > 0) return actions.find((action) => names(action).some((name) => stated.includes(name)));
  return actions.find((action) => names(action).some((name) => AUTHENTICATES.test(name)));
}
