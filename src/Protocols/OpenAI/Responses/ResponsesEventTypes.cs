namespace Fairlead.Protocols.OpenAI.Responses;

/// <summary>The <c>type</c> of streamed events, as far as they carry an answer (inference contract §9; OpenAI's published API description, August 2026).</summary>
internal static class ResponsesEventTypes
{
    public const string Created = "response.created";
    public const string InProgress = "response.in_progress";
    public const string Queued = "response.queued";
    public const string Completed = "response.completed";
    public const string Incomplete = "response.incomplete";
    public const string Failed = "response.failed";
    public const string Cancelled = "response.cancelled";
    public const string Error = "error";

    public const string ItemAdded = "response.output_item.added";
    public const string ItemDone = "response.output_item.done";
    public const string TextDelta = "response.output_text.delta";
    public const string TextDone = "response.output_text.done";
    public const string AnnotationAdded = "response.output_text.annotation.added";
    public const string RefusalDelta = "response.refusal.delta";
    public const string RefusalDone = "response.refusal.done";
    public const string ArgumentsDelta = "response.function_call_arguments.delta";
    public const string ArgumentsDone = "response.function_call_arguments.done";
    public const string SummaryDelta = "response.reasoning_summary_text.delta";
    public const string SummaryDone = "response.reasoning_summary_text.done";
    public const string ReasoningDelta = "response.reasoning_text.delta";
    public const string ReasoningDone = "response.reasoning_text.done";
}
