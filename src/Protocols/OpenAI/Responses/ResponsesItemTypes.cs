namespace Fairlead.Protocols.OpenAI.Responses;

/// <summary>The <c>type</c> of items and of their parts, as far as a chat can carry them (OpenAI's published API description, August 2026).</summary>
internal static class ResponsesItemTypes
{
    public const string Message = "message";
    public const string Reasoning = "reasoning";
    public const string FunctionCall = "function_call";
    public const string FunctionCallOutput = "function_call_output";
    public const string ImageGenerationCall = "image_generation_call";
    public const string WebSearchCall = "web_search_call";

    public const string InputText = "input_text";
    public const string InputImage = "input_image";
    public const string InputFile = "input_file";
    public const string OutputText = "output_text";
    public const string Refusal = "refusal";
    public const string SummaryText = "summary_text";
    public const string ReasoningText = "reasoning_text";
    public const string UrlCitation = "url_citation";
}
