/**
 * Spreads the tokens of hot sequences over several shards, which different subtasks process: routes
 * their events, chooses the keys of shards, and merges the parts of answers.
 */
@Internal
package dev.onepass.operators.sharding;

import dev.onepass.sketch.annotations.Internal;
