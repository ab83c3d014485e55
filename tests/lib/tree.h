/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/** Writes @text to the file @path below the folder @root, whose folders are made. */
void tree_write(const char *root, const char *path, const char *text);
/** Removes a file, or a folder with all that is in it. */
void tree_remove(const char *path);
