/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/**
 * Compares @got with the expectation in the file @base@suffix; with VIR_TEST_REGENERATE=1 writes it
 * there. @other: the suffix that the file would have if the outcome were of the other kind (an
 * error, a result): such a file may not be there, and is removed; NULL for none.
 */
void expect(const char *base, const char *suffix, const char *other, const char *got);
