// SPDX-License-Identifier: Apache-2.0
/**
 * The PostgreSQL that tests run on, with the product's schema in it.
 *
 * <p>{@link dev.rollcall.testkit.DatabaseExtension} gives each test a database of its own, cloned
 * from a template that is migrated once in a JVM. Where the server comes from is said by the
 * environment variable {@code ROLLCALL_TEST_DATABASE}: absent or {@code embedded}: one is started
 * here; a {@code jdbc:postgresql:} URL: that one (its user must be allowed to create databases);
 * {@code testcontainers} or {@code testcontainers:IMAGE}: a container.
 *
 * <p>Knows the schema, not the programs that use it.
 */
@NullMarked
package dev.rollcall.testkit;

import org.jspecify.annotations.NullMarked;
