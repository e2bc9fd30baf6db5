// Copyright 2026 The Onepass Authors
// SPDX-License-Identifier: Apache-2.0

package dev.onepass.it.golden;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateSerializerProvider;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.restore.FullSnapshotRestoreOperation;
import org.apache.flink.runtime.state.restore.KeyGroup;
import org.apache.flink.runtime.state.restore.KeyGroupEntry;
import org.apache.flink.runtime.state.restore.SavepointRestoreResult;
import org.apache.flink.runtime.state.restore.ThrowingIterator;

/** The names of the states in a savepoint, and how much is in them. */
final class SavepointStates {

  private static final ClassLoader CLASSES = SavepointStates.class.getClassLoader();

  private final Map<String, Integer> entries = new TreeMap<>();

  private SavepointStates() {}

  /**
   * Counts the entries of keyed states and the elements of operator states. A broadcast state
   * counts as one element, whatever it holds.
   */
  static Map<String, Integer> count(GoldenSavepoint golden) throws Exception {
    SavepointStates states = new SavepointStates();
    for (OperatorState operator : golden.operators()) {
      for (OperatorSubtaskState subtask : operator.getStates()) {
        for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
          handle
              .getStateNameToPartitionOffsets()
              .forEach((name, state) -> states.add(name, state.getOffsets().length));
        }
        for (KeyedStateHandle handle : subtask.getManagedKeyedState()) {
          states.addKeyed((KeyGroupsStateHandle) handle);
        }
      }
    }
    return states.entries;
  }

  private void add(String name, int count) {
    entries.merge(name, count, Integer::sum);
  }

  private void addKeyed(KeyGroupsStateHandle handle) throws Exception {
    FullSnapshotRestoreOperation<?> operation =
        new FullSnapshotRestoreOperation<>(
            handle.getKeyGroupRange(), CLASSES, List.of(handle), keySerializer(handle));
    try (ThrowingIterator<SavepointRestoreResult> results = operation.restore()) {
      while (results.hasNext()) {
        SavepointRestoreResult result = results.next();
        List<StateMetaInfoSnapshot> states = result.getStateMetaInfoSnapshots();
        states.forEach(state -> add(state.getName(), 0));
        try (ThrowingIterator<KeyGroup> groups = result.getRestoredKeyGroups()) {
          while (groups.hasNext()) {
            addEntries(groups.next(), states);
          }
        }
      }
    }
  }

  private void addEntries(KeyGroup group, List<StateMetaInfoSnapshot> states) throws Exception {
    try (ThrowingIterator<KeyGroupEntry> all = group.getKeyGroupEntries()) {
      while (all.hasNext()) {
        add(states.get(all.next().getKvStateId()).getName(), 1);
      }
    }
  }

  private static StateSerializerProvider<Object> keySerializer(KeyGroupsStateHandle handle)
      throws IOException {
    KeyedBackendSerializationProxy<Object> head = new KeyedBackendSerializationProxy<>(CLASSES);
    try (DataInputStream in = new DataInputStream(handle.openInputStream())) {
      head.read(new DataInputViewStreamWrapper(in));
    }
    return StateSerializerProvider.fromNewRegisteredSerializer(
        head.getKeySerializerSnapshot().restoreSerializer());
  }
}
