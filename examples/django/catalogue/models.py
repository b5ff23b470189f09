"""What is in the library."""

from django.db import models

from airfleet.django.subject_mixin import AirfleetSubjectMixin


class Book(AirfleetSubjectMixin):
    """Knows its runs: `book.runs`, `book.last_success`, `book.current_run`, `book.trigger(…)`."""

    airfleet_subject_type = "book"

    title = models.CharField(max_length=200)
    status = models.CharField(max_length=20, default="new", editable=False)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where Airfleet links to."""
        return f"/admin/catalogue/book/{self.pk}/change/"
