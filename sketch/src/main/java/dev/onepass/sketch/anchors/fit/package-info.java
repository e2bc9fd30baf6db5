/** How an anchor set is made of past queries, keys and values. */
package dev.onepass.sketch.anchors.fit;
