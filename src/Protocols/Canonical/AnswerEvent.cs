using Fairlead.Protocols.Errors;

namespace Fairlead.Protocols.Canonical;

/// <summary>One thing that happened in an upstream answer, free of its dialect. Readers produce them in order; writers turn them into client events.</summary>
public abstract record AnswerEvent;

/// <summary>The answer began. Not yet meaningful: fallback is still allowed.</summary>
public sealed record AnswerStarted(string? UpstreamId, string? UpstreamModel) : AnswerEvent;
/// <summary>A piece of visible text.</summary>
public sealed record TextDelta(string Text) : AnswerEvent;
/// <summary>A piece of a refusal.</summary>
public sealed record RefusalDelta(string Text) : AnswerEvent;
/// <summary>A fragment of a reasoning block. Its text, if any, also goes to <c>reasoning</c>. Fragments of one block share an index.</summary>
public sealed record ReasoningDelta(ReasoningDetail Detail) : AnswerEvent;
/// <summary>A tool call opens; <see cref="Index"/> counts from 0 in order of appearance.</summary>
public sealed record ToolCallStarted(int Index, string Id, string Name) : AnswerEvent;
/// <summary>A piece of the arguments of an open call.</summary>
public sealed record ToolCallArguments(int Index, string Fragment) : AnswerEvent;
/// <summary>An image the model made, as a <c>data:</c> URL.</summary>
public sealed record ImageProduced(string Url) : AnswerEvent;
/// <summary>A citation.</summary>
public sealed record UrlCitation(string Url, string Title, string? Content, int StartIndex, int EndIndex) : AnswerEvent;
/// <summary>A file of the prompt that was parsed for the model: sent back with the next request, it need not be parsed again (inference §3.8).</summary>
/// <param name="Hash">SHA-256 of the file's bytes, hexadecimal.</param>
/// <param name="Name">Its name.</param>
/// <param name="Content">The parts it became, as a JSON array of text and image parts.</param>
public sealed record FileParsed(string Hash, string Name, string Content) : AnswerEvent;
/// <summary>The answer's end was announced. <see cref="Native"/> is the provider's own word.</summary>
public sealed record AnswerFinished(FinishReason Reason, string? Native) : AnswerEvent;
/// <summary>Usage as known so far; a later report replaces an earlier one.</summary>
public sealed record UsageReported(Usage Usage) : AnswerEvent;
/// <summary>The provider reported a failure in band.</summary>
public sealed record AnswerFailed(UpstreamFailure Failure) : AnswerEvent;
/// <summary>
/// What the model read, known before the answer ends; its completion count means nothing yet. A stream that is cut short is charged for this prompt
/// and our own count of the output.
/// </summary>
public sealed record PromptUsageReported(Usage Usage) : AnswerEvent;
/// <summary>The provider handed the answer to another of its models (Anthropic's fallback block).</summary>
public sealed record UpstreamModelChanged(string UpstreamModel) : AnswerEvent;
