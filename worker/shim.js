// The worker's entry point: the handlers, with the operator's own resources.

import { resources } from "./build/resources.js";
import { handlers } from "./handlers.js";

export default handlers(resources);
