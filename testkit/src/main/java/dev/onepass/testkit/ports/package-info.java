/** Free TCP ports. */
package dev.onepass.testkit.ports;
