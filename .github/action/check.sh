#!/usr/bin/env bash
# Runs `keytrail check` once and hands its reports to GitHub: log, annotations, summary, SARIF and the outputs of the action.
# Runs on Linux, macOS (bash 3.2) and Windows (Git Bash).
set -euo pipefail

fail() {
    printf '::error title=keytrail::%s\n' "$1"
    output exit-code 2
    exit 2
}

output() {
    printf '%s=%s\n' "$1" "$2" >> "$GITHUB_OUTPUT"
}

# True or false of an input; anything else would silently be one of them.
is() {
    case "$2" in
        true) return 0 ;;
        false | '') return 1 ;;
        *) fail "the input \`$1\` is true or false" ;;
    esac
}

# Adds an argument for each line of an input that is not blank.
lines() {
    local prefix="$1" line
    while IFS= read -r line || [ -n "$line" ]; do
        line="${line%$'\r'}"
        line="${line#"${line%%[![:space:]]*}"}"
        line="${line%"${line##*[![:space:]]}"}"
        if [ -n "$line" ]; then
            args+=("$prefix$line")
        fi
    done <<< "$2"
}

cd "$KEYTRAIL_ACTION_DIRECTORY" || fail 'the input `working-directory` names no folder'
reports="$(mktemp -d "$RUNNER_TEMP/keytrail-report.XXXXXX")"

args=(check --color always --format human)
args+=("--format" "json=$reports/report.json" "--format" "counts=$reports/counts")
if is annotations "$KEYTRAIL_ACTION_ANNOTATIONS"; then
    args+=("--format" "github=$reports/annotations")
fi
if is summary "$KEYTRAIL_ACTION_SUMMARY"; then
    args+=("--format" "markdown=$reports/summary.md")
fi
if [ -n "$KEYTRAIL_ACTION_SARIF_FILE" ]; then
    # One of an earlier run must not be taken for this one's.
    rm -f -- "$KEYTRAIL_ACTION_SARIF_FILE"
    args+=("--format" "sarif=$KEYTRAIL_ACTION_SARIF_FILE")
fi
if is strict "$KEYTRAIL_ACTION_STRICT"; then
    args+=(--strict)
fi
if is changed-only "$KEYTRAIL_ACTION_CHANGED_ONLY"; then
    args+=(--changed-only)
fi
soft=false
if is soft-fail "$KEYTRAIL_ACTION_SOFT_FAIL"; then
    soft=true
fi
lines --source= "$KEYTRAIL_ACTION_SOURCE"
lines --config= "$KEYTRAIL_ACTION_CONFIG"
lines --account-id= "$KEYTRAIL_ACTION_ACCOUNT_ID"
lines --region= "$KEYTRAIL_ACTION_REGION"
lines --fail-on= "$KEYTRAIL_ACTION_FAIL_ON"
lines '' "$KEYTRAIL_ACTION_ARGS"
args+=(--)
lines '' "$KEYTRAIL_ACTION_PATHS"

# What the log shows comes from plans and sources: while it is printed, no line of it can be a command of the runner.
pause="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
printf '::stop-commands::%s\n' "$pause"
status=0
# Git Bash would rewrite what looks like a path, ARNs too.
MSYS_NO_PATHCONV=1 MSYS2_ARG_CONV_EXCL='*' "$KEYTRAIL_ACTION_BINARY" "${args[@]}" || status=$?
printf '\n::%s::\n' "$pause"

if [ -f "$reports/annotations" ]; then
    cat "$reports/annotations"
fi
if [ -f "$reports/summary.md" ]; then
    cat "$reports/summary.md" >> "$GITHUB_STEP_SUMMARY"
fi
if [ -f "$reports/counts" ]; then
    cat "$reports/counts" >> "$GITHUB_OUTPUT"
fi
if [ -f "$reports/report.json" ]; then
    output report-file "$reports/report.json"
fi
if [ -n "$KEYTRAIL_ACTION_SARIF_FILE" ] && [ -f "$KEYTRAIL_ACTION_SARIF_FILE" ]; then
    case "$KEYTRAIL_ACTION_SARIF_FILE" in
        /* | ?:*) output sarif-file "$KEYTRAIL_ACTION_SARIF_FILE" ;;
        *)
            case "$KEYTRAIL_ACTION_DIRECTORY" in
                . | ./) output sarif-file "$KEYTRAIL_ACTION_SARIF_FILE" ;;
                *) output sarif-file "${KEYTRAIL_ACTION_DIRECTORY%/}/$KEYTRAIL_ACTION_SARIF_FILE" ;;
            esac
            ;;
    esac
fi
output exit-code "$status"

case "$status" in
    0) ;;
    1)
        if "$soft"; then
            echo 'keytrail found something; the input `soft-fail` lets the step pass'
            exit 0
        fi
        ;;
    *) printf '::error title=keytrail::%s\n' 'the work could not be done, see the log: nothing was found to be right' ;;
esac
exit "$status"
