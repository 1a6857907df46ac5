using System.Text;
using Fairlead.Protocols.Canonical;
using Fairlead.Protocols.Errors.Classification;
using Fairlead.Protocols.Json;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Upstream;

/// <summary>Reads a whole answer of an OpenAI-style host as far as the gateway must understand it: failure, finish, usage, what is in it.</summary>
internal static class ChatAnswerReader
{

    /// <summary>Reads <paramref name="body"/>; never throws.</summary>
    public static AnswerReading Read(ReadOnlySpan<byte> body)
    {
        body = body.Trim(" \t\r\n"u8);
        if (body.IsEmpty)
            return Unreadable("The provider's answer is empty.", body);
        return JsonCheck.IsValid(body) ? ReadObject(body) : Unreadable("The provider's answer is not valid JSON.", body);
    }

    /// <summary>All text of an answer that <see cref="Read"/> took.</summary>
    public static string ReadText(ReadOnlySpan<byte> body)
    {
        var found = new Contents();
        var choices = new JsonElements(ChunkParts.Read(body.Trim(" \t\r\n"u8)).Choices);
        while (choices.Next())
            found.Add(ChoiceParts.Read(choices.Value), collectText: true);
        return found.Text.ToString();
    }

    /// <summary>The calls of an answer that <see cref="Read"/> took; null when one is too long to be judged.</summary>
    public static IReadOnlyList<ToolCall>? ReadCalls(ReadOnlySpan<byte> body)
    {
        var calls = new List<ToolCall>();
        var choices = new JsonElements(ChunkParts.Read(body.Trim(" \t\r\n"u8)).Choices);
        while (choices.Next())
        {
            var choice = ChoiceParts.Read(choices.Value);
            var message = MessageParts.Read(choice.Message.IsEmpty ? choice.Delta : choice.Message);
            var list = new JsonElements(message.ToolCalls.IsEmpty ? "[]"u8 : message.ToolCalls);
            while (list.Next())
            {
                if (list.Value is not [(byte)'{', ..])
                    continue;
                if (!AddCall(JsonMembers.Find(list.Value, "function"u8), JsonText.ToText(JsonMembers.FindString(list.Value, "id"u8)), calls))
                    return null;
            }
            if (message.FunctionCall is [(byte)'{', ..] && !AddCall(message.FunctionCall, "", calls))
                return null;
        }
        return calls;
    }

    private static bool AddCall(ReadOnlySpan<byte> function, string id, List<ToolCall> calls)
    {
        if (function is not [(byte)'{', ..])
            return true;
        var arguments = JsonMembers.Find(function, "arguments"u8);
        if (arguments.Length > AnswerCalls.LongestArguments)
            return false;
        var text = arguments is [(byte)'"', .. var inside, (byte)'"'] ? JsonText.ToText(inside) : Encoding.UTF8.GetString(arguments);
        calls.Add(new ToolCall(id, JsonText.ToText(JsonMembers.FindString(function, "name"u8)), text is "" or "null" ? "{}" : text));
        return true;
    }

    private static AnswerReading ReadObject(ReadOnlySpan<byte> body)
    {
        var parts = ChunkParts.Read(body);
        if (parts.IsFailure)
            return new AnswerReading { Failure = FailureClassifier.ClassifyInBand(parts.FailureIn(body)) };
        if (!parts.IsObject || parts.Choices is not [(byte)'[', ..])
            return Unreadable("The provider's answer has no choices.", body);

        var usage = parts.Usage.IsEmpty ? null : ChatUsageReader.Read(parts.Usage);
        if (usage is null && !parts.Timings.IsEmpty)
            usage = ChatUsageReader.ReadTimings(parts.Timings);
        var found = new Contents();
        var choices = new JsonElements(parts.Choices);
        while (choices.Next())
        {
            var choice = ChoiceParts.Read(choices.Value);
            if (!choice.Error.IsEmpty)
                return new AnswerReading { Failure = FailureClassifier.ClassifyInBand(choice.Error) };
            usage ??= choice.Usage.IsEmpty ? null : ChatUsageReader.Read(choice.Usage);
            found.Add(choice, collectText: usage is null);
        }
        return new AnswerReading
        {
            UpstreamId = parts.Id.IsEmpty ? null : JsonText.ToText(parts.Id),
            UpstreamModel = parts.Model.IsEmpty ? null : JsonText.ToText(parts.Model),
            Finish = found.Finish,
            NativeFinish = found.NativeFinish,
            Usage = usage,
            EmittedText = usage is null ? found.Text.ToString() : null,
            Empty = !found.HasOutput,
            ToolCalls = found.ToolCalls,
            Images = found.Images,
            ServedAtDefaultTier = parts.ServedAtDefaultTier,
        };
    }

    private static AnswerReading Unreadable(string what, ReadOnlySpan<byte> body) => new() { Failure = FailureClassifier.Unreadable(what, body) };

    private sealed class Contents
    {
        public StringBuilder Text => field ??= new StringBuilder();

        public FinishReason Finish { get; private set; }

        public string? NativeFinish { get; private set; }

        public bool HasOutput { get; private set; }

        public int ToolCalls { get; private set; }

        public int Images { get; private set; }

        public void Add(in ChoiceParts choice, bool collectText)
        {
            var state = new ChoiceState(choice.Index, "");
            var message = MessageParts.Read(choice.Message.IsEmpty ? choice.Delta : choice.Message);
            var text = MessageText.Read(message, state, whole: true);
            var calls = JsonElements.Count(message.ToolCalls) + (message.FunctionCall.Length > 2 ? 1 : 0);
            HasOutput |= MessageEditor.HasOutput(message, text);
            ToolCalls += calls;
            Images += JsonElements.Count(message.Images);
            if (Finish == FinishReason.None && !choice.Finish.IsEmpty)
            {
                Finish = ChatFinish.Read(choice.Finish, calls > 0);
                NativeFinish = ChatFinish.Name(choice.Finish);
            }
            if (collectText)
                Collect(message, text);
            state.Release();
        }

        private void Collect(in MessageParts message, in MessageText text)
        {
            Append(text.Reasoning);
            Append(text.Content);
            if (message.Refusal.Length > 2)
                Text.Append(JsonText.ToText(message.Refusal[1..^1]));
            var calls = new JsonElements(message.ToolCalls.IsEmpty ? "[]"u8 : message.ToolCalls);
            while (calls.Next())
                CollectCall(JsonMembers.Find(calls.Value, "function"u8));
            CollectCall(message.FunctionCall);
        }

        private void CollectCall(ReadOnlySpan<byte> function)
        {
            if (function.IsEmpty)
                return;
            Text.Append(JsonText.ToText(JsonMembers.FindString(function, "name"u8)));
            var arguments = JsonMembers.Find(function, "arguments"u8);
            Text.Append(arguments is [(byte)'"', .. var inside, (byte)'"'] ? JsonText.ToText(inside) : Encoding.UTF8.GetString(arguments));
        }

        private void Append(TextPiece piece) => Text.Append(piece.IsEscaped ? JsonText.ToText(piece.Bytes) : Encoding.UTF8.GetString(piece.Bytes));
    }
}
