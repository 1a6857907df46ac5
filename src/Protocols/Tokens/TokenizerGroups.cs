namespace Fairlead.Protocols.Tokens;

/// <summary>
/// How many tokens a model's own tokenizer makes of a text that o200k_base makes one of: one factor per tokenizer group of the catalog. Each is
/// the completion tokens that providers of the group reported, divided by our count of the text and reasoning they sent, over recorded replies
/// that hold nothing else (no tools, no encrypted reasoning). English prose for the most part; other languages and code differ. The recordings:
/// vercel/ai, commit ed857f5 (2026-08-22). A group without such replies has 1. Provider-reported usage always wins over these figures.
/// </summary>
public static class TokenizerGroups
{
    // Reported tokens / o200k tokens → hundredths.
    private const int Gpt = 100;      // gpt-4.1-nano, 663 / 662
    private const int Claude = 127;   // sonnet 4 to 4.6 and haiku 4.5, 7,838 / 6,172; one opus 5 reply gives 136 (1,699 / 1,248)
    private const int Gemini = 108;   // gemini-3-pro-preview, 103 / 95: little text, and two tokens too many per reply
    private const int Qwen = 102;     // qwen3-max and qwen3-32b, 6,622 / 6,514
    private const int DeepSeek = 106; // deepseek-v4-pro and deepseek-reasoner, 3,833 / 3,627
    private const int Mistral = 103;  // mistral-small, 434 / 422
    private const int Llama3 = 101;   // llama-3.3-70b, 1,269 / 1,258; Llama 4 is another vocabulary and has 1
    private const int Unknown = 100;  // Llama2, Llama4, Grok, Cohere, Nova, Gemma, Router, Other

    /// <summary>Native tokens per o200k token of a catalog tokenizer group (<c>GPT</c>, <c>Claude</c>, …), at two decimals; 1 where it is not known.</summary>
    public static decimal Factor(string? tokenizerGroup) => new(Hundredths(tokenizerGroup), 0, 0, false, 2);

    /// <summary>The native tokens to expect of a text of so many o200k tokens, rounded up.</summary>
    public static long Scale(long o200kTokens, string? tokenizerGroup) => ((o200kTokens * Hundredths(tokenizerGroup)) + 99) / 100;

    private static int Hundredths(string? group) => group switch
    {
        "GPT" => Gpt,
        "Claude" => Claude,
        "Gemini" => Gemini,
        "Qwen" or "Qwen3" => Qwen,
        "DeepSeek" => DeepSeek,
        "Mistral" => Mistral,
        "Llama3" => Llama3,
        _ => Unknown,
    };
}
