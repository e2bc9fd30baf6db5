// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.operators.event;

/**
 * A refused record with the reason.
 *
 * @param origin the record
 * @param error the reason; begins with the field at fault
 */
public record DeadLetter(RawRecord origin, String error) {}
