// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Splits the lines of a shell into simple commands, and these into words, as far as the documentation needs it. */
final class CommandWords {
    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*");

    private final String line;
    private final List<List<String>> commands = new ArrayList<>();
    private List<String> words = new ArrayList<>();
    private StringBuilder word;

    private CommandWords(String line) {
        this.line = line;
    }

    /** @return the commands of a line without comment, assignments and redirections */
    static List<List<String>> of(String line) {
        CommandWords split = new CommandWords(line.replaceFirst("(^|\\s)#(\\s.*|$)", ""));
        split.split();
        return split.commands;
    }

    private void split() {
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
                begin();
            } else if (Character.isWhitespace(c)) {
                endWord();
            } else if ("|&;<>".indexOf(c) >= 0) {
                endWord();
                if (c == '<' || c == '>') {
                    words.add(">");
                } else {
                    endCommand();
                }
            } else {
                begin();
                word.append(c);
            }
        }
        endWord();
        endCommand();
    }

    private void begin() {
        if (word == null) {
            word = new StringBuilder();
        }
    }

    private void endWord() {
        if (word != null) {
            words.add(word.toString());
            word = null;
        }
    }

    private void endCommand() {
        int redirection = words.indexOf(">");
        List<String> command = new ArrayList<>(redirection < 0 ? words : words.subList(0, redirection));
        while (!command.isEmpty()
                && (ASSIGNMENT.matcher(command.get(0)).matches()
                        || List.of("while", "do", "exec").contains(command.get(0)))) {
            command.remove(0);
        }
        if (!command.isEmpty()) {
            commands.add(command);
        }
        words = new ArrayList<>();
    }
}
