namespace Fairlead.Protocols.Canonical;

/// <summary>
/// <c>input_type</c> in the words of each vendor (providers contract §11). Callers write it freely, mostly as Cohere does; a word that means nothing to a
/// vendor is left out, since a vector without a purpose is a good one.
/// </summary>
internal static class EmbeddingPurpose
{
    /// <summary>Cohere's word. It must have one: texts to be found are the usual case.</summary>
    public static string ToCohere(string? inputType, bool isImage) => inputType switch
    {
        "search_query" or "query" => "search_query",
        "classification" or "clustering" or "image" or "search_document" => inputType,
        _ => isImage ? "image" : "search_document",
    };

    /// <summary>Gemini's word, or null.</summary>
    public static string? ToGemini(string? inputType) => inputType?.ToLowerInvariant() switch
    {
        "search_query" or "query" or "retrieval_query" => "RETRIEVAL_QUERY",
        "search_document" or "document" or "passage" or "retrieval_document" => "RETRIEVAL_DOCUMENT",
        "classification" => "CLASSIFICATION",
        "clustering" => "CLUSTERING",
        "semantic_similarity" => "SEMANTIC_SIMILARITY",
        "question_answering" => "QUESTION_ANSWERING",
        "fact_verification" => "FACT_VERIFICATION",
        "code_retrieval_query" => "CODE_RETRIEVAL_QUERY",
        _ => null,
    };
}
