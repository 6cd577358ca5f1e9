/** The document itself, shown by the official component. */
import AsyncApi from "@asyncapi/react-component/lib/esm/containers/AsyncApi/Standalone";
import { memo, useEffect, useMemo, type ReactNode } from "react";

import { beginDrawing } from "../component/drawn";
import { forgetMarkdown } from "../component/Markdown";
import type { JsonObject } from "../document/json";
import type { Perspective } from "../document/prepare";
import { anchorId } from "../state/pageUrl";
import { CONFIGS } from "./labels";
import { PLUGINS } from "./plugins";

interface Props {
  schema: JsonObject;
  perspective: Perspective;
}

/** Rendering a document is the page's one expensive step: only a change of the document or of its reading needs it. */
export const DocumentView = memo(function DocumentView({ schema, perspective }: Props): ReactNode {
  useMemo(beginDrawing, [schema, perspective]);
  useMemo(forgetMarkdown, [schema]);
  useEffect(showAnchor, [schema]);
  return <AsyncApi schema={schema} config={CONFIGS[perspective]} plugins={PLUGINS} />;
});

/** The browser looks for an address's anchor when the page loads, which is before there is a document. */
function showAnchor(): void {
  if (location.hash.length > 1) document.getElementById(anchorId(location.hash))?.scrollIntoView();
}
