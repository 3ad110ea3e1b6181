"""Addresses under /characters/."""

from django.urls import path

from characters import views

app_name = "characters"
urlpatterns = [path("", views.mine, name="mine")]
