using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Fairlead.Simulator.Faults;

namespace Fairlead.Simulator.Conversation;

/// <summary>The simulated model: answers from the conversation alone, the same way every time.</summary>
internal static partial class Model
{
    private const int LongestQuote = 400;

    private static readonly string[] Openings = ["You said: ", "I read: ", "Understood: ", "Noted: "];

    public static Answer Reply(Prompt prompt, FaultPlan faults)
    {
        if (faults.Empty)
        {
            return new Answer();
        }

        if (faults.Refusal)
        {
            return new Answer { Ending = Ending.Refusal };
        }

        var budget = prompt.MaxTokens ?? int.MaxValue;
        IReadOnlyList<string> reasoning = prompt.Reasons ? Pieces.Of(Think(prompt)) : [];
        if (reasoning.Count >= budget)
        {
            return new Answer { Reasoning = [.. reasoning.Take(budget)], Ending = Ending.Length };
        }

        budget -= reasoning.Count;
        var calls = ToolChoice.Calls(prompt);
        var answer = calls.Count > 0 ? Call(prompt, faults, calls, budget) : Say(prompt, faults, budget);
        answer = answer with { Reasoning = reasoning, Images = answer.Ending == Ending.Stop ? Picture.Of(prompt) : [] };
        return faults.Filter ? answer with { Text = [.. answer.Text.Take(answer.Text.Count / 2)], Calls = [], Ending = Ending.Filter } : answer;
    }

    /// <summary>The texts in double quotes of the last user message: the values its tool calls and JSON answers are filled with.</summary>
    public static IEnumerable<string> Quoted(Prompt prompt) => QuotedText().Matches(LastUserText(prompt)).Select(m => m.Groups["text"].Value);

    /// <summary>How many pictures the last user message speaks of; 1 when it tells no number.</summary>
    public static int ImagesAskedFor(Prompt prompt) =>
        ImageNumber().Match(LastUserText(prompt)) is { Success: true } asked ? int.Parse(asked.Groups["number"].Value, CultureInfo.InvariantCulture) : 1;

    public static string LastUserText(Prompt prompt) => prompt.Turns.LastOrDefault(t => t.Speaker == Speaker.User)?.Text ?? "";

    private static Answer Call(Prompt prompt, FaultPlan faults, IReadOnlyList<OfferedTool> tools, int budget)
    {
        var calls = new List<AnsweredCall>();
        foreach (var tool in tools)
        {
            var arguments = Pieces.Of(faults.WrongArguments ? """{"unasked":true}""" : SchemaInstance.Write(tool.Parameters, Quoted(prompt)));
            budget -= 3;
            if (arguments.Count > budget)
            {
                calls.Add(new AnsweredCall(tool.Name, [.. arguments.Take(Math.Max(0, budget))], Whole: false));
                return new Answer { Calls = calls, Ending = Ending.Length };
            }

            budget -= arguments.Count;
            calls.Add(new AnsweredCall(tool.Name, arguments, Whole: true));
        }

        return new Answer { Calls = calls, Ending = Ending.ToolCalls };
    }

    private static Answer Say(Prompt prompt, FaultPlan faults, int budget)
    {
        var text = Words(prompt, faults);
        var ending = Ending.Stop;
        string? matched = null;
        foreach (var stop in prompt.Stops)
        {
            var at = stop.Length == 0 ? -1 : text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0)
            {
                text = text[..at];
                ending = Ending.StopSequence;
                matched = stop;
            }
        }

        var pieces = faults.BigEvent is null ? Pieces.Of(text) : [text];
        return pieces.Count > budget
            ? new Answer { Text = [.. pieces.Take(budget)], Ending = Ending.Length }
            : new Answer { Text = pieces, Ending = ending, MatchedStop = matched };
    }

    private static string Words(Prompt prompt, FaultPlan faults)
    {
        if (faults.BigEvent is { } size)
        {
            return new string('x', size);
        }

        if (faults.Tokens is { } tokens)
        {
            return string.Join(' ', Enumerable.Range(1, tokens).Select(n => n.ToString(CultureInfo.InvariantCulture)));
        }

        if (faults.EchoLength is { } echo)
        {
            return Echo(LastUserText(prompt), echo);
        }

        if (prompt.WantsJson)
        {
            return prompt.Schema.ValueKind == System.Text.Json.JsonValueKind.Object
                ? SchemaInstance.Write(prompt.Schema, Quoted(prompt))
                : JsonBytes.Text(w =>
                {
                    w.WriteStartObject();
                    w.WriteString("answer", LastUserText(prompt));
                    w.WriteEndObject();
                });
        }

        if (prompt.Turns is [.., { Speaker: Speaker.Tool } last])
        {
            return string.Join(' ', last.Outcomes.Select(o => $"{o.Name} returned: {o.Text}"));
        }

        return Sentence(prompt);
    }

    private static string Sentence(Prompt prompt)
    {
        var said = LastUserText(prompt);
        if (RepeatRequest().Match(said) is { Success: true } repeat)
        {
            return repeat.Groups["said"].Value;
        }

        if (FirstQuestion().IsMatch(said))
        {
            return "You first said: " + (prompt.Turns.FirstOrDefault(t => t.Speaker == Speaker.User)?.Text ?? "");
        }

        if (InstructionsQuestion().IsMatch(said))
        {
            return "My instructions: " + string.Join(' ', prompt.Turns.Where(t => t.Speaker == Speaker.System).Select(t => t.Text));
        }

        var seen = See(prompt.Turns.LastOrDefault(t => t.Speaker == Speaker.User));
        return $"{seen}{Openings[prompt.Stamp.Pick("opening", Openings.Length)]}{Shortened(said)}";
    }

    private static string See(Turn? turn)
    {
        var seen = new StringBuilder();
        if (turn?.Images.Count > 0)
        {
            seen.Append(CultureInfo.InvariantCulture, $"I see {turn.Images.Count} {(turn.Images.Count == 1 ? "image" : "images")}: {string.Join(", ", turn.Images)}. ");
        }

        if (turn?.Files.Count > 0)
        {
            seen.Append(CultureInfo.InvariantCulture, $"I read {turn.Files.Count} {(turn.Files.Count == 1 ? "file" : "files")}: {string.Join(", ", turn.Files)}. ");
        }

        return seen.ToString();
    }

    private static string Echo(string text, int tokens)
    {
        var source = Pieces.Of(text.Length == 0 ? "word" : text);
        var echo = new StringBuilder();
        var piece = 0;
        for (; piece < tokens; piece++)
        {
            var next = source[piece % source.Count];
            // A space between the rounds keeps the pieces of one round apart from the next.
            echo.Append(piece > 0 && piece % source.Count == 0 && next[0] != ' ' ? " " + next : next);
        }

        return echo.ToString();
    }

    private static string Think(Prompt prompt) => $"The user wrote {Pieces.Count(LastUserText(prompt))} tokens. I consider: {Shortened(LastUserText(prompt))}";

    private static string Shortened(string text)
    {
        if (text.Length <= LongestQuote)
        {
            return text;
        }

        var cut = char.IsHighSurrogate(text[LongestQuote - 1]) ? LongestQuote - 1 : LongestQuote;
        return text[..cut] + "…";
    }

    [GeneratedRegex(@"repeat after me:\s*(?<said>.+)$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex RepeatRequest();

    [GeneratedRegex(@"what did i say first", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex FirstQuestion();

    [GeneratedRegex(@"what are your instructions", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex InstructionsQuestion();

    [GeneratedRegex(@"\b(?<number>[1-9])\s+(images|pictures)\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex ImageNumber();

    [GeneratedRegex("\"(?<text>[^\"]{1,500})\"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex QuotedText();
}
