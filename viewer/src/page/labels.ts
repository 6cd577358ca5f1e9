/** The component's configuration: who sends, in words that are true for either perspective. */
import type { ConfigInterface } from "@asyncapi/react-component/lib/types/config";

import type { Perspective } from "../document/prepare";

export const CLIENT_SENDS = "Client sends";
export const SERVER_SENDS = "Server sends";

const SHARED: Partial<ConfigInterface> = {
  show: { sidebar: false, info: true, servers: true, operations: true, messages: true, schemas: true, errors: false },
  expand: { messageExamples: true },
};

function config(send: string, receive: string): Partial<ConfigInterface> {
  return { ...SHARED, sendLabel: send, requestLabel: send, receiveLabel: receive, replyLabel: receive };
}

/** One object per perspective: the component compares by identity. */
export const CONFIGS: Record<Perspective, Partial<ConfigInterface>> = {
  server: config(SERVER_SENDS, CLIENT_SENDS),
  client: config(CLIENT_SENDS, SERVER_SENDS),
};
