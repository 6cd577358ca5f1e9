/** What the page adds to the component through its plugin slots. */
import { PluginSlot } from "@asyncapi/react-component/lib/esm/types";
import type { AsyncApiPlugin, ComponentSlotProps, PluginSlot as Slot } from "@asyncapi/react-component/lib/types/types";
import type { ReactNode } from "react";

import { isDeprecated } from "../document/marks";
import { TryDocument, TryOperation } from "../tryout/slots";

function Deprecation({ context }: ComponentSlotProps<Slot.OPERATION>): ReactNode {
  return isDeprecated(context.operation.json()) ? <p className="deprecated">Deprecated</p> : null;
}

const deprecation: AsyncApiPlugin = {
  name: "chanspec-deprecation",
  version: "1.0.0",
  description: "Marks deprecated operations",
  install: (api) => api.registerComponent(PluginSlot.OPERATION, Deprecation),
};

const tryItOut: AsyncApiPlugin = {
  name: "chanspec-try-it-out",
  version: "1.0.0",
  description: "Opens the try-it-out where it is described",
  install: (api) => {
    api.registerComponent(PluginSlot.INFO, TryDocument);
    api.registerComponent(PluginSlot.OPERATION, TryOperation);
  },
};

/** One array for the page's life: the component compares by identity. */
export const PLUGINS: AsyncApiPlugin[] = [deprecation, tryItOut];
